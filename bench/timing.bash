# SPDX-License-Identifier: MIT
#
# timing.bash - how bench/run and bench/long_reads time a program, sourced by both. $work is their temporary folder and
# $functions what a program's function needs, as 'declare' prints it.

# run_timed NAME COMMAND: appends "user system max_rss_kb" to NAME.times. GNU time counts every waited-for child.
run_timed() {
    # shellcheck disable=SC2154 # the caller's
    if ! /usr/bin/time -a -o "$work/$1.times" -f '%U %S %M' \
        bash -c "$functions; set -euo pipefail; $2" >"$work/log" 2>&1; then
        echo "bench: $1 failed:" >&2
        tail -n 3 "$work/log" >&2
        exit 1
    fi
}

# "min median peak" of a file of times: CPU seconds, and the largest peak in MB.
summary() {
    awk '{ cpu[NR] = $1 + $2; if ($3 > peak) peak = $3 }
         END { for (i = 2; i <= NR; i++) for (j = i; j > 1 && cpu[j] < cpu[j - 1]; j--) {
                   t = cpu[j]; cpu[j] = cpu[j - 1]; cpu[j - 1] = t }
               printf "%.2f %.2f %d", cpu[1], cpu[int((NR + 1) / 2)], peak / 1024 }' "$1"
}

machine() { echo "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(nproc) CPUs"; }
