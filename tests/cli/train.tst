# SPDX-License-Identifier: MIT
# train/ as its README says: examples, a network, a model folder that gannet runs, the small model; and what they refuse.

resumes | 0 | * | trained && cp -r $LABELED/run run && train_network run 2 >said && grep -q 'resumed after epoch 1' said && [ "$(grep -o '^{"epoch": [0-9]*' run/log.jsonl | xargs)" = '{epoch: 1 {epoch: 2' ]
seed-fixes-weights | 0 | * | trained && exported $LABELED/run m >a && train_network again 1 && exported again again >b && cmp a b && gannet model verify m && train_network other 1 --seed 7 && exported other other >c && ! cmp -s a c
engine-agrees | 0 | * | trained && exported $LABELED/run m && gannet call-variants --examples $LABELED/examples.tfrecord.gz --checkpoint m --precision float32 --outfile f.tfrecord.gz && train compare --checkpoint $LABELED/run/best.pt --examples $LABELED/examples.tfrecord.gz --calls 'f*.tfrecord.gz' >said && grep -Eq '^2[0-9][0-9] examples, greatest difference' said && grep -q '^accuracy' said
engine-disagrees | 1 | greatest difference | trained && exported $LABELED/run m >/dev/null && quiet gannet call-variants --examples $LABELED/examples.tfrecord.gz --checkpoint m --precision bf16 --outfile f.tfrecord.gz && train compare --checkpoint $LABELED/run/best.pt --examples $LABELED/examples.tfrecord.gz --calls 'f*.tfrecord.gz' | grep 'greatest difference' >&2; exit ${PIPESTATUS[0]}
small-model | 0 | * | trained && exported $LABELED/run m && train_small --out m/small_model && gannet call --ref $LABELED/sim.fa --reads $LABELED/sim.bam --model m --small-model m/small_model --small-model-snp-gq-threshold 5 --output-vcf w.vcf.gz 2>said && grep -Eq ', [1-9][0-9]* answers of the small model' said && [ "$(bcftools view -H w.vcf.gz | wc -l)" -gt 100 ]
small-model-same-seed | 0 | * | train_small && sha256sum small/weights.safetensors >a && rm -r small && train_small && sha256sum -c --quiet a
small-model-without-indels | 0 | * | find_python && quiet sim --contigs 1 --snv-rate 0.004 --indel-rate 0 --error-rate 0 --nomapping-errors && quiet gannet make-examples --mode training --preset wgs --channel-list BASE_CHANNELS --ref out.fa --reads out.bam --truth-variants out.truth.vcf.gz --confident-regions out.truth.bed --write-small-model-examples --examples e.tfrecord.gz && train_small --examples e_small_model.tfrecord.gz && grep -q '\"examples\": 0' small/model.json && gannet model verify small
no-examples-match | 1 | train: no file matches none | train train --examples 'none*' --out out
shapes-differ | 1 | train: .*examples\.tfrecord\.gz: images of shape \[100, 221, 7\].*\[100, 221, 6\]|train: .*six\.tfrecord\.gz: images of shape \[100, 221, 6\].*\[100, 221, 7\] | train_network run 1 --examples $LABELED/examples.tfrecord.gz $LABELED/six.tfrecord.gz
resumed-shapes-differ | 1 | train: run/last\.pt: weights of another network or of images of another shape | trained && cp -r $LABELED/run run && train_network run 2 --examples $LABELED/six.tfrecord.gz
one-block | 1 | train: nothing to train on | train_network run 1 --block 100000
export-absent | 1 | export: .*none\.pt | train export --checkpoint none.pt --out out --name x --preset wgs
compare-shapes-differ | 1 | compare: images of shape \[100, 221, 6\], but .*best\.pt takes \[100, 221, 7\] | trained && : | gzip >c.gz && train compare --checkpoint $LABELED/run/best.pt --examples $LABELED/six.tfrecord.gz --calls c.gz
compare-other-calls | 1 | compare: 0 calls of 2[0-9][0-9] examples | trained && : | gzip >c.gz && train compare --checkpoint $LABELED/run/best.pt --examples $LABELED/examples.tfrecord.gz --calls c.gz
small-model-no-match | 1 | small_model: no file matches none | train_small --examples 'none*' --out out
small-model-of-images | 1 | small_model: .*: no examples for the small model | train_small --examples $LABELED/examples.tfrecord.gz --out out
small-model-one-block | 1 | small_model: nothing to train on | train_small --block 100000 --out out
