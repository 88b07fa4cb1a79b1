# SPDX-License-Identifier: MIT
# The small model: what it is sure of needs no image; and the multi-allelic model.

needs: a model folder

# Folders that are no small model, or not one for these settings.
no-folder | 66 | small/model.json: no such file | call --reads $IN/reads.bam --small-model small
no-weights | 66 | weights.safetensors | small_model small && rm small/weights.safetensors && call --reads $IN/reads.bam --small-model small
damaged-weights | 65 | SHA-256 is .*, model.json says | small_model small && set_byte small/weights.safetensors 400 && call --reads $IN/reads.bam --small-model small
wrong-number-of-features | 67 | takes 71 features, these settings make 70 | small_model small 71 && call --reads $IN/reads.bam --small-model small
wrong-number-of-features-examples | 67 | takes 71 features, these settings make 70 | small_model small 71 && examples --reads $IN/reads.bam --call-small-model-examples --trained-small-model-path small
other-window | 67 | takes 70 features, these settings make 40 | small_model small && call --reads $IN/reads.bam --small-model small --small-model-vaf-context-window-size 21
network-of-images | 65 | a network of images \(kind cnn\), wanted is a perceptron | call --reads $IN/reads.bam --small-model $MODEL
perceptron-as-network | 65 | a perceptron \(kind mlp\), wanted is a network of images | small_model small && call --reads $IN/reads.bam --model small
examples-without-folder | 2 | --call-small-model-examples needs --trained-small-model-path | examples --reads $IN/reads.bam --call-small-model-examples
training | 2 | --call-small-model-examples belongs to --mode calling | truth truth.vcf.gz && small_model small && examples --reads $IN/reads.bam --mode training --truth-variants truth.vcf.gz --confident-regions x.bed --call-small-model-examples --trained-small-model-path small
training-examples-while-calling | 2 | --write-small-model-examples belongs to --mode training | examples --reads $IN/reads.bam --write-small-model-examples
no-images-at-all | 2 | --skip-pileup-image-generation needs --write-small-model-examples | examples --reads $IN/reads.bam --skip-pileup-image-generation
even-window | 2 | must be odd | call --reads $IN/reads.bam --small-model-vaf-context-window-size 50
threshold-too-low | 2 | small-model-snp-gq-threshold | call --reads $IN/reads.bam --small-model-snp-gq-threshold -2
preset-without-thresholds | 2 | --preset wes has no thresholds | small_model small && call --reads $IN/reads.bam --model $MODEL --preset wes --small-model small

# All sites of these reads have shares that the model is sure of.
given | 0 | * | small_model small && call --reads $IN/reads.bam --small-model small && [ "$(bcftools query -f '[%MID]\n' out.vcf.gz | sort | uniq -c | xargs)" = '8 small_model' ]
in-the-folder | 0 | * | copy_model && small_model model/small_model && call --reads $IN/reads.bam --model model && bcftools view -H out.vcf.gz | grep -q small_model
in-the-folder-disabled | 0 | * | copy_model && small_model model/small_model && call --reads $IN/reads.bam --model model --disable-small-model && mv out.vcf.gz a.vcf.gz && call --reads $IN/reads.bam && cmp a.vcf.gz out.vcf.gz
in-the-folder-of-wes | 0 | * | copy_model && small_model model/small_model && call --reads $IN/reads.bam --model model --preset wes && ! bcftools view out.vcf.gz | grep -q MID
preset-with-thresholds | 0 | * | small_model small && call --reads $IN/reads.bam --preset wes --small-model small --small-model-snp-gq-threshold 30 --small-model-indel-gq-threshold 30 && bcftools view -H out.vcf.gz | grep -q small_model
smaller-window | 0 | * | small_model small 40 && call --reads $IN/reads.bam --small-model small --small-model-vaf-context-window-size 21 && bcftools view -H out.vcf.gz | grep -q small_model
nothing-left-for-images | 0 | * | small_model small && examples --reads $IN/reads.bam --call-small-model-examples --trained-small-model-path small && grep -q null out.examples.tfrecord.gz.example_info.json && [ "$(gzip -dc out.examples.tfrecord.gz | wc -c)" = 0 ] && [ -s out_call_variant_outputs.examples.tfrecord.gz ]

multiallelic-no-folder | 66 | give --multiallelic-model DIR | call --reads $IN/reads.bam --use-multiallelic-model
multiallelic-other-model | 67 | 3 probabilities of 70 numbers, a multi-allelic model 6 of 9 | small_model small && call --reads $IN/reads.bam --multiallelic-model small
multiallelic-missing | 66 | x/model.json: no such file | call --reads $IN/reads.bam --multiallelic-model x

needs: shared data

# One process and the three stages, with one shard or three.
same-as-stages | 0 | * | small_model small && real_call --small-model small && small_model_stages && cmp out.vcf.gz stages.vcf.gz && cmp out.g.vcf.gz stages.g.vcf.gz && [ "$(bcftools view -H out.vcf.gz | grep -c small_model)" = 97 ]
same-as-shards | 0 | * | small_model small && real_call --small-model small && for task in 2 0 1; do small_model_examples --examples examples.tfrecord@3.gz --gvcf blocks.tfrecord@3.gz --task $task || exit 1; done && small_model_finish @3 && cmp out.vcf.gz stages.vcf.gz && cmp out.g.vcf.gz stages.g.vcf.gz
threads-and-batches | 0 | * | small_model small && real_call --small-model small && mv out.vcf.gz a.vcf.gz && mv out.g.vcf.gz a.g.vcf.gz && real_call --small-model small --threads 8 --batch-size 3 && cmp a.vcf.gz out.vcf.gz && cmp a.g.vcf.gz out.g.vcf.gz
examples-threads | 0 | * | small_model small && small_model_examples && mkdir one && mv examples* blocks* one && small_model_examples --threads 8 && for file in one/*; do cmp "$file" "$(basename "$file")" || exit 1; done
# No answer is sure enough: every candidate gets its images, and the records are those of a run without.
high-thresholds | 0 | * | small_model small && real_call --small-model small --small-model-snp-gq-threshold 1000 --small-model-indel-gq-threshold 1000 && records out >a && real_call --disable-small-model && records out | cmp - a
all-off | 0 | * | small_model small && small_model_examples --small-model-snp-gq-threshold -1 --small-model-indel-gq-threshold -1 --nosmall-model-call-multiallelics && mv examples.tfrecord.gz a && [ "$(gzip -dc examples_call_variant_outputs.tfrecord.gz | wc -c)" = 0 ] && plain_examples && cmp a examples.tfrecord.gz
# The images that are left are those of a run without a small model, in another order, with or without the mark.
multiallelics-off | 0 | * | small_model small && real_call --small-model small --nosmall-model-call-multiallelics && [ "$(bcftools view -H -m3 out.vcf.gz | grep -c small_model)" = 0 ]

# DeepVariant's own model; sites with two alts change, and no others.
multiallelic | 0 | * | import_multiallelic && real_call --multiallelic-model multiallelic && records out >a && real_call && records out | diff - a | all_multiallelic
multiallelic-stages | 0 | * | import_multiallelic && small_model small && real_call --small-model small --multiallelic-model multiallelic && small_model_stages && small_model_finish '' --multiallelic-model multiallelic && cmp out.vcf.gz stages.vcf.gz
multiallelic-by-name | 0 | * | mkdir models && ln -s $MODEL models/wgs && import_multiallelic models/multiallelic && GANNET_MODELS=models real_call --use-multiallelic-model && mv out.vcf.gz a.vcf.gz && real_call --multiallelic-model models/multiallelic && cmp a.vcf.gz out.vcf.gz
multiallelic-dropped-alts | 2 | incompatible with the multiallelic model | import_multiallelic && quiet plain_examples && quiet gannet call-variants --examples examples.tfrecord.gz --checkpoint $MODEL --outfile net.tfrecord.gz && gannet postprocess --ref $REAL_REF --infile net.tfrecord.gz --outfile out.vcf --multiallelic-model multiallelic --debug-output-all-candidates ALT

# Training: the numbers beside the images, which stay as they are, or without them.
training-examples | 0 | * | train_examples && mv examples.tfrecord.gz a && train_examples --write-small-model-examples && cmp a examples.tfrecord.gz && gzip -t examples_small_model.tfrecord.gz && mv examples_small_model.tfrecord.gz b && train_examples --write-small-model-examples --skip-pileup-image-generation --threads 4 && cmp b examples_small_model.tfrecord.gz && [ "$(gzip -dc examples.tfrecord.gz | wc -c)" = 0 ] && grep -q '110 candidates, 0 examples .*, 116 examples for the small model' err
