# SPDX-License-Identifier: MIT
# gannet make-examples: bad input. What it writes is compared with DeepVariant's files by the unit programs.

good | 0 | * | examples --reads $IN/reads.bam && [ -s out.examples.tfrecord.gz ]
no-reads | 0 | * | examples --reads $IN/reads.bam --regions chr2 && [ -e out.examples.tfrecord.gz ]
same-bytes | 0 | * | examples --reads $IN/reads.bam && zcat out.examples.tfrecord.gz | cksum >a && examples --reads $IN/reads.bam && zcat out.examples.tfrecord.gz | cksum >b && cmp a b
unknown-flag | 2 | unknown option --partition_sise: did you mean --partition-size\? | examples --reads $IN/reads.bam --partition_sise 1000
missing-index | 66 | no_index\.bam.*samtools index | examples --reads $IN/no_index.bam
truncated | 65 | truncated\.bam | examples --reads $IN/truncated.bam
unsorted | 65 | unsorted\.bam | examples --reads $IN/unsorted.bam
no-sample | 67 | no_sample\.bam.*--sample-name | examples --reads $IN/no_sample.bam
contigs | 67 | chr1 | examples --reads $IN/other_names.bam
output-folder-absent | 73 | nowhere | examples --reads $IN/reads.bam --examples nowhere/out.tfrecord.gz
full-disk | 73,74 | No space left|free space | full_disk; examples --reads $IN/reads.bam --examples disk/out.tfrecord.gz
odd-records | 0 | * | examples --reads $IN/odd.bam --regions chr1 --normalize-reads --keep-secondary-alignments --keep-supplementary-alignments --min-mapping-quality 0 && [ -s out.examples.tfrecord.gz ]
long-reads-odd | 0 | * | examples --reads $IN/long_odd.bam --norealign-reads --partition-size 25000 --channel-list BASE_CHANNELS,haplotype,base_methylation,base_6ma,avg_base_quality && [ -s out.examples.tfrecord.gz ]
long-reads-without-qualities | 65 | read l3 in .*long_no_qualities\.bam has no base qualities | examples --reads $IN/long_no_qualities.bam

# Inputs as in call.tst, where the rest of them is.
old-index | 0 | * | examples --reads $IN/old_index.bam 2>err && grep -q 'warning: .*old_index\.bam is older' err
cut-inside | 65 | cut_inside\.bam.*truncated | examples --reads $IN/cut_inside.bam
reads-twice | 2 | reads\.bam is given twice | examples --reads $IN/reads.bam,$IN/reads.bam
cram-wrong-lengths | 67 | reads\.cram.*reference | examples --reads $IN/reads.cram --ref $IN/longer.fa
bed-bad-number | 65 | bad_number\.bed, line 2 | examples --reads $IN/reads.bam --regions $IN/bad_number.bed
output-is-folder | 73 | out\.tfrecord | mkdir out.tfrecord; examples --reads $IN/reads.bam --examples out.tfrecord
old-output-stays | 0 | * | echo old >out.examples.tfrecord.gz; ! examples --reads $IN/cut_inside.bam 2>/dev/null && [ "$(cat out.examples.tfrecord.gz)" = old ]

# Its own options.
no-channels | 2 | --channel-list | examples --reads $IN/reads.bam --channel-list ''
unknown-channel | 2 | insert_sise | examples --reads $IN/reads.bam --channel-list BASE_CHANNELS,insert_sise
unknown-mode | 2 | --mode: 'call' is not one of calling | examples --reads $IN/reads.bam --mode call
even-width | 2 | odd number of columns | examples --reads $IN/reads.bam --pileup-image-width 220
task-outside | 2 | --task 3 .*0 to 2 | examples --reads $IN/reads.bam --examples out.tfrecord.gz@3 --task 3
shards-disagree | 2 | same @N | examples --reads $IN/reads.bam --examples out.tfrecord.gz@3 --gvcf out.gvcf.tfrecord.gz@2
same-output-twice | 2 | out\.tfrecord\.gz | examples --reads $IN/reads.bam --examples out.tfrecord.gz --gvcf out.tfrecord.gz

# Experiments on methylation; what they find is tested by the unit programs. Reads without tags give what they give without.
methylation-threshold | 2 | --methylation-calling-threshold: 1\.5 is not in 0\.\.1 | examples --reads $IN/reads.bam --methylation-calling-threshold 1.5
methylation-without-tags | 0 | * | examples --reads $IN/reads.bam --phase-reads && zcat out.examples.tfrecord.gz | cksum >a && examples --reads $IN/reads.bam --phase-reads --enable_methylation_calling --methylation_calling_threshold=0.4 --enable_methylation_aware_phasing --exclude_contigs_for_methylation_phasing "chrX chrY" && zcat out.examples.tfrecord.gz | cksum >b && cmp a b

# Training.
training-without-truth | 2 | --truth-variants | examples --reads $IN/reads.bam --mode training
truth-absent | 66 | absent\.vcf\.gz | examples --reads $IN/reads.bam --mode training --truth-variants absent.vcf.gz --confident-regions $IN/good.bed
truth-not-vcf | 65 | ref\.fa | examples --reads $IN/reads.bam --mode training --truth-variants $IN/ref.fa --confident-regions $IN/good.bed
confident-absent | 66 | absent\.bed | truth truth.vcf.gz; examples --reads $IN/reads.bam --mode training --truth-variants truth.vcf.gz --confident-regions absent.bed
confident-bad-number | 65 | bad_number\.bed, line 2 | truth truth.vcf.gz; examples --reads $IN/reads.bam --mode training --truth-variants truth.vcf.gz --confident-regions $IN/bad_number.bed
labels | 0 | * | truth truth.vcf.gz; examples --reads $IN/reads.bam --mode training --truth-variants truth.vcf.gz --confident-regions $IN/good.bed && [ -s out.examples.tfrecord.gz ]
labeler-alias | 0 | * | truth truth.vcf.gz; T="examples --reads $IN/reads.bam --mode training --truth-variants truth.vcf.gz --confident-regions $IN/good.bed"; $T --labeler positional && mv out.examples.tfrecord.gz a && $T --labeler_algorithm positional_labeler && cmp a out.examples.tfrecord.gz
labeler-unknown | 2 | --labeler | examples --reads $IN/reads.bam --mode training --labeler nearest
classes-without-list | 2 | --customized-classes-labeler-classes-list | truth truth.vcf.gz; examples --reads $IN/reads.bam --mode training --truth-variants truth.vcf.gz --confident-regions $IN/good.bed --labeler-algorithm customized_classes_labeler
classes-field-absent | 65 | chr1:4500: .*--customized-classes-labeler-info-field-name | truth truth.vcf.gz; examples --reads $IN/reads.bam --mode training --truth-variants truth.vcf.gz --confident-regions $IN/good.bed --labeler customized_classes --customized-classes-labeler-classes-list ref,a --customized-classes-labeler-info-field-name kind
downsample-classes-too-few | 2 | --downsample-classes 0.5,1: give 3 probabilities | truth truth.vcf.gz; examples --reads $IN/reads.bam --mode training --truth-variants truth.vcf.gz --confident-regions $IN/good.bed --downsample-classes 0.5,1
downsample-classes-not-shares | 2 | --downsample-classes 1,2,1 | truth truth.vcf.gz; examples --reads $IN/reads.bam --mode training --truth-variants truth.vcf.gz --confident-regions $IN/good.bed --downsample-classes 1,2,1
downsample-classes-while-calling | 2 | --downsample-classes belongs to --mode training | examples --reads $IN/reads.bam --downsample-classes 1,1,1
downsample-classes-to-nothing | 0 | 0 examples | truth truth.vcf.gz; examples --reads $IN/reads.bam --mode training --truth-variants truth.vcf.gz --confident-regions $IN/good.bed --downsample-classes 0,0,0
run-info | 0 | * | truth truth.vcf.gz; examples --reads $IN/reads.bam --mode training --truth-variants truth.vcf.gz --confident-regions $IN/good.bed --write-run-info && grep -q '^  n_truth_variant_sites: 1$' out.examples.tfrecord.gz.run_info.pbtxt
run-info-while-calling | 0 | * | examples --reads $IN/reads.bam --write-run-info && grep -q num_examples out.examples.tfrecord.gz.run_info.pbtxt && ! grep -q labeling out.examples.tfrecord.gz.run_info.pbtxt
