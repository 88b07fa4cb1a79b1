# SPDX-License-Identifier: MIT
# The program itself: versions, help, unknown words.

no-command | 0 | - | gannet 2>err; [ $? -eq 2 ] && grep -q Usage: err
version | 0 | - | gannet --version | grep -Eq '^gannet version [0-9.]+ \(DeepVariant-compatible 1\.9; htslib [0-9.]+.*\)$'
version-devices | 0 | - | gannet --version | grep -Eq '; (CPU only; CUDA: make CUDA=1|with CUDA [0-9.]+)\)$'
version-only | 0 | - | [ "$(gannet --version-only)" = "$(cat "$ROOT/VERSION")" ]
overview | 0 | - | [ "$(gannet --help)" = "$(gannet help)" ] && gannet help | grep -q '^Usage:   gannet COMMAND'
unknown-command | 2 | ^gannet: unknown command 'helf': did you mean help\? | gannet helf
unknown-help | 2 | ^gannet help: unknown command 'nothing-like-it' \(see | gannet help nothing-like-it
unknown-option | 2 | ^gannet help: unknown option --mna: did you mean --man\? | gannet help --mna
unknown-completion | 2 | ^gannet help: --completion: 'fish' is not one of bash | gannet help --completion fish
control-characters | 2 | ^gannet: unknown command 'a\?b' | gannet $'a\nb'
full-stdout | 74 | ^gannet help: cannot write to standard output: No space left | gannet help help >/dev/full
full-stdout-version | 74 | ^gannet: cannot write to standard output | gannet --version >/dev/full
help-of-all | 0 | - | for c in $(commands); do gannet help $c >h1 && gannet $c --help >h2 && cmp h1 h2 || exit 1; done
help-width | 0 | - | for c in $(commands); do gannet help $c; done | awk 'length > 80 { print; bad = 1 } END { exit bad }'
man-of-all | 0 | - | for c in $(commands); do gannet help --man $c | grep -q '^\.SH OPTIONS' || exit 1; done
man-is-clean | 0 | - | command -v groff >/dev/null || skip 'no groff'; for c in $(commands); do gannet help --man $c | groff -ww -man -Tutf8 -z || exit 1; done
json-of-all | 0 | - | for c in $(commands); do gannet help --options-json $c | grep -q "\"command\": \"$c\"" || exit 1; done
completion | 0 | - | source <(gannet help --completion bash); COMP_WORDS=(gannet he) COMP_CWORD=1; _gannet; [ "${COMPREPLY[*]}" = help ]
completion-option | 0 | - | source <(gannet help --completion bash); COMP_WORDS=(gannet help --comp) COMP_CWORD=2; _gannet; [ "${COMPREPLY[*]}" = --completion ]
options-have-help | 0 | - | for c in $(commands); do ! gannet help --options-json $c | grep -Eq '"help": "("|.*[a-z0-9)]\.",?$)' || exit 1; done
