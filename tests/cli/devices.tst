# SPDX-License-Identifier: MIT
# gannet devices, and --device of the commands that run the network, where there is no GPU.

table | 0 | - | gannet devices >table && grep -Eq '^cpu +(portable|avx2|avx512|avx512_vnni), [1-9][0-9]* threads .* yes$' table && grep -Eq '^cuda' table
reason | 0 | - | without_gpu; gannet devices | grep -Eq '^cuda(:0)? .*(none|no): [A-Za-z].{9}'
no-cuda | 0 | - | cpu_only; gannet devices | grep -Eq '^cuda +none: .*make CUDA=1'
json | 0 | - | gannet devices --json >out.json && python3 -c 'import json; d = json.load(open("out.json")); cpu = d["devices"][0]; assert cpu["device"] == "cpu" and cpu["usable"] is True and cpu["threads"] >= 1 and cpu["precisions"][:2] == ["float32", "int16"] and set(d["cuda"]) == {"built", "versions", "reason"}'
json-reason | 0 | - | without_gpu; gannet devices --json >out.json && python3 -c 'import json; d = json.load(open("out.json")); assert d["cuda"]["reason"] or [x for x in d["devices"][1:] if x["reason"] and not x["usable"]]'
require-cuda | 69 | ^gannet devices: --require cuda: . | without_gpu; gannet devices --require cuda
require-cuda-prints | 69 | --require cuda | without_gpu; gannet devices --require cuda >table; status=$?; grep -q '^cpu ' table && exit $status
require-other | 2 | --require: 'tpu' is not one of cuda | gannet devices --require tpu
word | 2 | unexpected argument 'cuda' | gannet devices cuda
full-stdout | 74 | standard output | gannet devices >/dev/full
full-stdout-json | 74 | standard output | gannet devices --json >/dev/full

needs: a model folder

call-auto | 0 | * | without_gpu; call --reads $IN/reads.bam --device auto 2>err && grep -Eq '^gannet [0-9.]+: network on cpu .*; no GPU: .' err && mv out.vcf.gz auto.vcf.gz && call --reads $IN/reads.bam 2>err && ! grep -q 'GPU' err && cmp <(bcftools view -H auto.vcf.gz) <(bcftools view -H out.vcf.gz)
call-quiet | 0 | - | call --reads $IN/reads.bam --device auto --quiet
call-cuda | 69 | ^gannet call: . | without_gpu; call --reads $IN/reads.bam --device cuda
call-cuda-no-build | 69 | make CUDA=1 | cpu_only; call --reads $IN/reads.bam --device cuda:0,1
call-all | 69 | ^gannet call: . | without_gpu; call --reads $IN/reads.bam --device cuda:all --device-batch 64 --precision float16
call-unknown | 2 | --device 'gpu': say cpu, cuda, cuda:0,1 .* auto | call --reads $IN/reads.bam --device gpu
call-no-number | 2 | --device 'cuda:': say the numbers of GPUs | call --reads $IN/reads.bam --device cuda:
call-twice | 2 | --device 'cuda:0,0': .* each once | call --reads $IN/reads.bam --device cuda:0,0
call-other-engine | 2 | --device cuda: --engine onednn is for the CPU | call --reads $IN/reads.bam --device cuda --engine onednn
call-batch | 2 | --device-batch is for GPUs | call --reads $IN/reads.bam --device-batch 64
call-batch-range | 2 | --device-batch: -1 is not in 0\.\. | call --reads $IN/reads.bam --device cuda --device-batch -1
call-float16 | 69 | float16 is a number type of GPUs: use --device cuda | call --reads $IN/reads.bam --precision float16
call-tf32 | 69 | tf32 is a number type of GPUs: use --device cuda | call --reads $IN/reads.bam --precision tf32
call-float64 | 2 | --precision: 'float64' is not one of auto\|float32\|tf32\|float16\|bf16\|int16\|int8 | call --reads $IN/reads.bam --precision float64
summary | 0 | * | call --reads $IN/reads.bam --precision float32 2>err && grep -Eq '^gannet [0-9.]+: network on cpu [a-z0-9_]+ float32$' err

variants-cuda | 69 | ^gannet call-variants: . | without_gpu; quiet examples --reads $IN/reads.bam --examples in.tfrecord.gz && classify --examples in.tfrecord.gz --device cuda
variants-unknown | 2 | --device 'opencl' | classify --examples absent.tfrecord.gz --device opencl
variants-auto | 0 | * | without_gpu; quiet examples --reads $IN/reads.bam && classify --examples out.examples.tfrecord.gz --device auto 2>err && grep -Eq '^network on cpu .*; no GPU: .' err
bench-cuda | 69 | ^gannet bench: . | without_gpu; bench --device cuda
bench-auto | 0 | - | without_gpu; bench --device auto --json >json && grep -q '"engine": "cpu"' json && grep -Eq '"computed_by": "cpu [a-z0-9_]+ float32"' json
bench-tf32 | 69 | tf32 is a number type of GPUs | bench --precision tf32
bench-isa | 2 | --isa is for --engine cpu on --device cpu | bench --device cuda --isa portable
