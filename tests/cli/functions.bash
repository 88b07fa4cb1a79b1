# SPDX-License-Identifier: MIT
#
# functions.bash - what the commands of the .tst files may use: one place for each command's usual arguments.
# The tables pass the reads and what differs. Of a repeated option the last one wins.

call() { gannet call --ref "$IN/ref.fa" --regions chr1:4001-8100 --output-vcf out.vcf.gz "$@"; }

examples() {
    gannet make-examples --mode calling --ref "$IN/ref.fa" --regions chr1:4001-8100 \
        --examples out.examples.tfrecord.gz "$@"
}

# The first model folder of the project.
model_folder() {
    local json
    for json in "$ROOT"/models/*/model.json; do
        [ ! -e "$json" ] || { dirname "$json"; return; }
    done
    skip 'no model folder'
}

copy_model() { cp -r "$(model_folder)" model; }

# set_byte FILE OFFSET: replaces one byte by its complement.
set_byte() {
    local old
    old=$(od -An -tu1 -j "$2" -N 1 "$1")
    printf '%b' "\\0$(printf %o $((255 - old)))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

# The samples and the number of records of a VCF, as "S1 12".
vcf_summary() { echo "$(bcftools query -l "$1" | xargs) $(bcftools view -H "$1" | wc -l)"; }

skip() {
    echo "$1"
    exit 77
}

# A full file system in ./disk, gone when the command ends. Needs root.
full_disk() {
    mkdir disk
    mount -t tmpfs -o size=64k tmpfs disk 2>/dev/null || skip 'mounting a small disk needs root'
    trap 'umount -l disk' EXIT
    head -c 100000 /dev/zero >disk/filler 2>/dev/null || true
}

# A preparing step whose own words are not those under test.
quiet() { "$@" 2>/dev/null; }

# The names of gannet's commands.
commands() { gannet help | awk '/^  [a-z]/ { print $1 }'; }
