# SPDX-License-Identifier: MIT
# Presets of long reads, phasing and tagged reads, as a user types them. The networks have random weights.

# Presets come first, then what the model carries, then what is typed.
presets-run | 0 | * | long_model && for p in pacbio ont masseq; do long_call --preset $p && [ "$(bcftools query -l out.vcf.gz)" = S1 ] || exit 1; done
hybrid | 0 | * | gannet model new --architecture narrow --shape 100x221x6 model && call --reads $IN/reads.bam --preset hybrid --model model && [ "$(bcftools query -l out.vcf.gz)" = S1 ]
preset-of-the-model | 0 | * | long_model && long_call --output-phased
preset-given-wins | 2 | does not fit --alt-aligned-pileup none | long_model && long_call --preset wgs
preset-without-model | 66 | --preset masseq.*--model | call --reads $IN/reads.bam --preset masseq
shipped-models | 0 | * | for p in pacbio ont; do call --reads $IN/long.bam --preset $p --model $ROOT/models/$p && [ "$(bcftools query -l out.vcf.gz)" = S1 ] && [ "$(bcftools view -H -i 'GT="het"' out.vcf.gz | wc -l)" -gt 0 ] || exit 1; done
shipped-models-by-preset | 0 | * | unset GANNET_MODELS; for p in pacbio ont; do call --reads $IN/long.bam --preset $p || exit 1; done
unknown-preset | 2 | --preset: 'illumina' is not one of wgs.wes.pacbio.ont.hybrid.masseq | call --reads $IN/reads.bam --preset illumina
model-carries-options | 0 | * | long_model && long_call && mv out.vcf.gz plain.vcf.gz && carries vsc_min_count_snps 100 && long_call && [ "$(vcf_summary out.vcf.gz)" = 'S1 0' ] && [ "$(vcf_summary plain.vcf.gz)" != 'S1 0' ]
typed-options-win | 0 | * | long_model && carries vsc_min_count_snps 100 && long_call --vsc-min-count-snps 2 && [ "$(vcf_summary out.vcf.gz)" != 'S1 0' ]
model-carries-unknown-option | 2 | model .*wants the option sort_by_moon | long_model && carries sort_by_moon true && long_call
model-carries-bad-value | 2 | model .*wants the option vsc_min_count_snps: .*'many' is not a whole number | long_model && carries vsc_min_count_snps '"many"' && long_call
channels-do-not-fit-the-mode | 2 | alt.aligned|diff_channels | long_model && long_call --alt-aligned-pileup none

# Phasing and its outputs.
phased | 0 | * | long_model && small_model small 106 && long_call --small-model small --output-phased && [ "$(bcftools query -f '[%GT %PS]\n' out.vcf.gz | sort -u | xargs)" = '0|1 4500' ]
not-phased-by-default | 0 | * | long_model && small_model small 106 && long_call --small-model small && ! bcftools view -H out.vcf.gz | grep -Eq '0\|1|:PS'
phased-needs-phasing | 2 | --output-phased needs reads that are phased | call --reads $IN/reads.bam --output-phased
phased-needs-phasing-not-tags | 2 | --output-phased needs reads that are phased | long_model && long_call --use-hp-information --output-phased
tags-need-phasing | 2 | --haplotagged-bam needs reads that are phased | call --reads $IN/reads.bam --haplotagged-bam out.bam
tagged | 0 | * | long_model && long_call --haplotagged-bam out.bam && [ "$(samtools view -c out.bam)" -eq "$(samtools view -c $IN/long.bam chr1:4001-8100)" ] && samtools view out.bam | grep -q 'HP:i:1.*PS:i:4500' && samtools quickcheck out.bam && [ -s out.bam.bai ] && ! bcftools view -H out.vcf.gz | grep -q PS
tagged-whole | 0 | * | long_model && long_call --regions '' --haplotagged-bam out.bam && cmp <(samtools view out.bam | cut -f1-11) <(samtools view $IN/long.bam | cut -f1-11)
tagged-threads-same-bytes | 0 | * | long_model && long_call --haplotagged-bam one.bam --threads 1 && long_call --haplotagged-bam two.bam --threads 3 && cmp <(samtools view one.bam) <(samtools view two.bam)
tagged-reads-are-honoured | 0 | * | long_model && long_call --regions '' --haplotagged-bam tagged.bam && long_examples --reads tagged.bam --use-hp-information && mv out.examples.tfrecord.gz tags.gz && long_examples --use-hp-information && ! cmp -s <(zcat tags.gz) <(zcat out.examples.tfrecord.gz)
tagged-over-input | 2 | is one of the inputs | long_model && cp $IN/long.bam r.bam && cp $IN/long.bam.bai r.bam.bai && long_call --reads r.bam --haplotagged-bam r.bam
tagged-odd-name | 2 | out\.sam.*\.bam | long_model && long_call --haplotagged-bam out.sam
tagged-folder-absent | 73 | nowhere | long_model && long_call --haplotagged-bam nowhere/x.bam
local-phasing | 0 | * | long_examples --output-local-read-phasing phases.tsv && [ "$(head -n 1 phases.tsv)" = $'fragment_name\tphase\tregion_order' ] && [ "$(cut -f2 phases.tsv | sort -u | xargs)" = '0 1 2 phase' ] && [ "$(cut -f3 phases.tsv | sort -u | xargs)" = '1 region_order' ]
local-phasing-needs-phasing | 2 | --output-local-read-phasing needs --phase-reads | examples --reads $IN/reads.bam --output-local-read-phasing out.tsv
phase-max-candidates | 0 | * | long_examples --phase-max-candidates 3 --output-local-read-phasing phases.tsv && [ "$(wc -l <phases.tsv)" -eq 1 ]

# Reads of 2 Mb are cropped in each partition and known again in the next one and in the file.
ultra-long | 0 | * | long_model && long_reads ultra 20 0.002 && call --ref reads.fa --reads reads.bam --model model --regions c1:1,000,001-1,100,000 --output-phased --haplotagged-bam out.bam && [ "$(samtools view out.bam | grep -c HP:i:)" -eq "$(samtools view -c reads.bam c1:1,000,001-1,100,000)" ] && [ "$(bcftools query -i 'GT~"|"' -f '[%PS]\n' out.vcf.gz | sort -u)" = 1000500 ]

# Images.
alt-aligned-rows | 0 | * | examples --reads $IN/reads.bam --alt-aligned-pileup rows --types-to-alt-align all && grep -q '\[300, 221, 7\]' out.examples.tfrecord.gz.example_info.json
alt-aligned-channels | 0 | * | long_examples && [ "$(cat out.examples.tfrecord.gz.example_info.json)" = '{"version": "1.9.0", "shape": [100, 147, 9], "channels": [1, 2, 3, 4, 5, 6, 7, 9, 10]}' ]
methylation-channels | 0 | * | long_examples --channel-list BASE_CHANNELS,haplotype,base_methylation,base_6ma && grep -q '7, 23, 24, 9, 10' out.examples.tfrecord.gz.example_info.json

needs: shared data

# Real HiFi reads with no preparation.
real-phased | 0 | * | real_long && [ "$(bcftools query -i 'GT~"|"' -f '[%PS]\n' out.vcf.gz | sort -u)" = 8987936 ] && [ "$(bcftools query -i 'GT~"|"' -f '%POS\n' out.vcf.gz | wc -l)" -gt 200 ]
real-threads | 0 | * | real_long && mv out.vcf.gz one.vcf.gz && mv out.bam one.bam && real_long --threads 5 --batch-size 7 && cmp one.vcf.gz out.vcf.gz && cmp <(samtools view one.bam) <(samtools view out.bam)
real-tags | 0 | * | real_long && [ "$(samtools view out.bam | grep -c HP:i:)" -gt 250 ]
