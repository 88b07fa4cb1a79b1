# SPDX-License-Identifier: MIT
# gannet bench: that it measures what it was asked for, not how fast this machine is.

needs: a model folder

table | 0 | - | bench >table && grep -Eq '^float32 +1 +[0-9]+ +2 +[1-9][0-9.]* +[1-9][0-9.]* .* MB$' table
lists | 0 | - | bench --threads 1,2 --filled-rows 9,50,0 >table && [ "$(awk '/^float32/ { printf "%s/%s ", $2, $3 }' table)" = '1/9 1/50 1/0 2/9 2/50 2/0 ' ]
precisions | 0 | - | bench --precision float32,auto,float32 >table && [ "$(grep -Ec ' MB$' table)" -eq 3 ]
json | 0 | - | bench --json --threads 1,2 >json && for key in precision isa threads filled_rows batch_size images_per_s images_per_s_idle peak_fraction peak_memory_mb; do [ "$(grep -c "\"$key\": " json)" -eq 2 ] || exit 1; done
json-numbers | 0 | - | bench --json >json && awk '/"(images_per_s|peak_memory_mb)"/ { gsub(/,/, ""); if ($2 + 0 <= 0) exit 1; n++ } END { if (n != 2) exit 1 }' json
empty-rows-are-faster | 0 | - | bench --json --filled-rows 100,5 --seconds 0.2 >json && awk '/"images_per_s_idle"/ { gsub(/,/, ""); speed[++n] = $2 } END { exit !(speed[2] > speed[1]) }' json
memory-is-its-own | 0 | - | bench --json --threads 6,1 >json && awk '/"peak_memory_mb"/ { mb[++n] = $2 } END { exit !(mb[2] < mb[1]) }' json
layers | 0 | - | bench --layers >table && grep -q '^  all layers ' table && for name in $(sed -n 's/^ *"name": "\(.*\)",*$/\1/p' "$MODEL/model.json" | tail -n +2); do grep -q "^  $name " table || exit 1; done
layers-json | 0 | - | bench --layers --json >json && grep -q '"macs_inside": [1-9]' json && grep -q '"layers": \[' json
portable | 0 | - | bench --isa portable --batch-size 1 >table && grep -q 'kernels portable' table && grep -Eq '^float32 .* - +- ' table
examples | 0 | - | quiet examples --reads "$IN/reads.bam" && bench --examples out.examples.tfrecord.gz --batch-size 1 >table && grep -Eq '^float32 ' table
default-model | 0 | - | gannet bench cnn --precision float32 --seconds 0.01 --batch-size 1 >table && grep -Eq '^float32 ' table
kernels | 0 | - | gannet bench kernels --seconds 0.001 >table && grep -Eq '^float32 +portable +4 x 16 +[0-9.]+ ' table && grep -Eq '^int16 +portable ' table && grep -Eq '^int8 +portable ' table
engine | 0 | - | bench --engine cpu --json >json && grep -q '"engine": "cpu"' json
unknown-engine | 2 | engine.*abacus | bench --engine abacus
isa-of-another-engine | 2 | --isa is for --engine cpu on --device cpu | bench --engine onednn --isa portable
no-word | 2 | cnn | gannet bench
unknown-word | 2 | cnn | gannet bench rnn
two-words | 2 | kernels | gannet bench cnn kernels
unknown-precision | 2 | --precision: 'float64' | bench --precision float32,float64
no-precision | 2 | --precision names nothing | bench --precision ,
no-threads | 2 | --threads '0'.*1 to 1024 | bench --threads 0
threads-no-number | 2 | --threads '2x' | bench --threads 1,2x
many-threads | 2 | --threads '100000' | bench --threads 100000
negative-rows | 2 | --filled-rows '-1' | bench --filled-rows=-1
too-many-rows | 2 | --filled-rows 9999: the model's images have [0-9]+ | bench --filled-rows 9999
rows-of-examples | 2 | made-up | bench --examples x --filled-rows 4
no-batch | 2 | batch-size | bench --batch-size 0
no-time | 2 | seconds | bench --seconds 0
unknown-isa | 2 | isa.*sse | bench --isa sse
absent-model | 66 | nothing | bench --model nothing
absent-examples | 66 | nothing | bench --examples nothing
few-examples | 65 | no batch of 4096 | quiet examples --reads "$IN/reads.bam" --examples few.tfrecord.gz && bench --examples few.tfrecord.gz --batch-size 4096
full-stdout | 74 | standard output | bench >/dev/full
full-stdout-json | 74 | standard output | bench --json >/dev/full
