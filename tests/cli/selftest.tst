# SPDX-License-Identifier: MIT
# gannet selftest: what it compares, and that it can fail.

word | 2 | unexpected argument | gannet selftest cuda
no-images | 2 | --images: 0 is not in 1\.\. | gannet selftest --images 0
absent-model | 66 | nothing | gannet selftest --model nothing
device-unknown | 2 | --device 'gpu' | gannet selftest --device gpu
random-model | 0 | - | gannet model new --architecture narrow --shape 80x80x7 m && gannet selftest --model m --images 4 >table && grep -Eq '^auto \(float32\) .* 0\.0e\+00 +0 ' table && grep -Eq '^int16 +not here: .*calibrate' table

needs: a model folder

passes | 0 | - | selftest >table && grep -Eq '^auto \((int16|float32)\) +[0-9.]+ +[0-9.e-]+ +0 ' table && grep -Eq '^float32 +[0-9.]+ +0\.0e\+00 +0 +0\.0 %  cpu [a-z0-9_]+ float32$' table && grep -Eq '^int16 +[0-9.]+ +[0-9.]+e-[0-9]+ +0 ' table && grep -q '^passed' table
gpu-types | 0 | - | selftest >table && grep -Eq '^float16 +not here: .* GPUs' table && grep -Eq '^tf32 +not here: .* GPUs' table
repeats | 0 | - | selftest >a && selftest >b && cmp <(differences a) <(differences b) && [ -s a ]
default-model | 0 | - | gannet selftest --images 3 | grep -q '^images  3, frozen ones'
examples | 0 | - | quiet examples --reads $IN/reads.bam && selftest --examples out.examples.tfrecord.gz --images 5 >table && grep -q '^images  5, out.examples.tfrecord.gz' table && grep -q '^passed' table
coarse-scales | 70 | --precision auto, which is int16, changes [1-9][0-9]* calls: use --precision float32 | copy_model; coarsen_scales model/model.json; selftest --model model
absent-examples | 66 | absent\.tfrecord | selftest --examples absent.tfrecord.gz
other-shape | 67 | images are 100 x 221 x 7, the model .* wants | quiet examples --reads $IN/reads.bam --examples in.tfrecord.gz && gannet model new --architecture narrow --shape 80x80x7 m && selftest --model m --examples in.tfrecord.gz
not-examples | 65 | ref\.fa | selftest --examples $IN/ref.fa
auto | 0 | - | without_gpu; selftest --device auto >table && grep -Eq '^device  auto: no GPU: .' table
cuda | 69 | ^gannet selftest: . | without_gpu; selftest --device cuda
cuda-no-build | 69 | make CUDA=1 | cpu_only; selftest --device cuda:all
engine | 69,0 | onednn|ONEDNN=1 | selftest --engine onednn
other-engine | 2 | --engine onednn is for the CPU | selftest --engine onednn --device cuda
full-stdout | 74 | standard output | selftest >/dev/full
