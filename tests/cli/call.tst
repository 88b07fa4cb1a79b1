# SPDX-License-Identifier: MIT
# gannet call: what it must do at the edges, and one clear line for every kind of bad input.

needs: a model folder

# Good ones first: a failure below then means what it says.
bam | 0 | * | call --reads $IN/reads.bam && [ "$(vcf_summary out.vcf.gz)" = "S1 $(bcftools view -H out.vcf.gz | wc -l)" ] && [ "$(bcftools view -H out.vcf.gz | wc -l)" -ge 8 ]
cram | 0 | * | call --reads $IN/reads.bam && mv out.vcf.gz bam.vcf.gz && call --reads $IN/reads.cram && cmp <(bcftools view -H bam.vcf.gz) <(bcftools view -H out.vcf.gz)
bed | 0 | * | call --reads $IN/reads.bam && mv out.vcf.gz literal.vcf.gz && call --reads $IN/reads.bam --regions $IN/good.bed && cmp <(bcftools view -H literal.vcf.gz) <(bcftools view -H out.vcf.gz)
sample-name | 0 | * | call --reads $IN/no_sample.bam --sample-name X && [ "$(bcftools query -l out.vcf.gz)" = X ]
no-reads-in-region | 0 | * | call --reads $IN/reads.bam --regions chr1:15001-16000 && [ "$(vcf_summary out.vcf.gz)" = 'S1 0' ] && [ -s out.vcf.gz.tbi ]
no-reads-on-contig | 0 | * | call --reads $IN/reads.bam --regions chr2 && [ "$(vcf_summary out.vcf.gz)" = 'S1 0' ] && [ -s out.vcf.gz.tbi ]
symlinked-reads | 0 | * | ln -s $IN/reads.bam link.bam; call --reads link.bam
threads-same-bytes | 0 | * | call --reads $IN/reads.bam --threads 1 && mv out.vcf.gz one.vcf.gz && call --reads $IN/reads.bam --threads 2 && cmp <(bcftools view -H one.vcf.gz) <(bcftools view -H out.vcf.gz)

empty-outputs | 0 | * | call --reads $IN/reads.bam --regions chr2:1-900 --output-gvcf out.g.vcf.gz && [ "$(vcf_summary out.vcf.gz)" = 'S1 0' ] && [ "$(vcf_summary out.g.vcf.gz)" = 'S1 1' ] && bcftools index -s out.g.vcf.gz | grep -q '^chr2' && [ -s out.vcf.gz.tbi ]
standard-output-named | 0 | - | call --quiet --reads $IN/reads.bam --output-vcf /dev/stdout >text && [ "$(grep -vc '^#' text)" -eq 8 ] && [ -L /dev/stdout ]
named-pipe | 0 | - | mkfifo out.vcf; timeout 20 cat out.vcf >text & call --quiet --reads $IN/reads.bam --output-vcf out.vcf && wait && [ "$(grep -vc '^#' text)" -eq 8 ]
odd-sample-name | 0 | * | call --reads $IN/reads.bam --sample-name $'Zoë #1 %' && [ "$(bcftools query -l out.vcf.gz)" = $'Zoë #1 %' ]
odd-records | 0 | * | call --reads $IN/odd.bam --regions chr1 --output-gvcf out.g.vcf.gz && bcftools view -H out.vcf.gz | grep -q . && bcftools view out.g.vcf.gz >/dev/null

# Command line.
unknown-flag | 2 | unknown option --region: did you mean --regions\? | call --reads $IN/reads.bam --region chr1
missing-reads | 2 | missing: --reads | call
missing-value | 2 | --reads needs a value | call --reads
bad-threads | 2 | --threads: 0 is not in 1\.\. | call --reads $IN/reads.bam --threads 0

same-output-twice | 2 | both.*out\.vcf\.gz | call --reads $IN/reads.bam --output-gvcf out.vcf.gz
sample-name-with-tab | 2,65 | sample name | call --reads $IN/reads.bam --sample-name $'a\tb'

# Reads.
absent-reads | 66 | absent\.bam | call --reads $IN/absent.bam
unreachable-reads | 66 | http://127\.0\.0\.1:9/x\.bam.*network | call --reads http://127.0.0.1:9/x.bam
missing-index | 66 | no_index\.bam.*samtools index | call --reads $IN/no_index.bam
old-index | 0 | * | call --quiet --reads $IN/old_index.bam 2>err && [ $(wc -l <err) -eq 1 ] && grep -q 'warning: .*old_index\.bam is older.*samtools index' err
empty-bam | 65 | empty\.bam | call --reads $IN/empty.bam
not-a-bam | 65 | ref\.fa | call --reads $IN/ref.fa
unsorted | 65 | unsorted\.bam.*samtools sort | call --reads $IN/unsorted.bam
unsorted-records | 65 | unsorted_records\.bam.*samtools sort | call --reads $IN/unsorted_records.bam
no-end-of-file-marker | 65 | no_marker\.bam.*truncated.*marker | call --reads $IN/no_marker.bam
cut-inside | 65 | cut_inside\.bam.*truncated | call --reads $IN/cut_inside.bam
unknown-order | 0 | * | samtools view -h $IN/reads.bam | sed 's/SO:coordinate/SO:unknown/' | samtools view -b -o unknown.bam -; samtools index unknown.bam; call --reads unknown.bam
bases-left-out | 65 | read r1 in no_bases\.bam has no bases | samtools view -h $IN/reads.bam | awk -F'\t' -v OFS='\t' '!/^@/ { $10 = $11 = "*" } { print }' | samtools view -b -o no_bases.bam -; samtools index no_bases.bam; call --reads no_bases.bam
second-file-at-fault | 65 | read r1 in .*no_qualities\.bam has no base qualities | call --reads $IN/reads.bam,$IN/no_qualities.bam
damaged-inside | 65 | damaged\.bam.*damaged | cp $IN/reads.bam damaged.bam; cp $IN/reads.bam.bai damaged.bam.bai; set_byte damaged.bam 9000; call --reads damaged.bam
damaged-index | 65 | damaged\.bam\.bai.*samtools index | cp $IN/reads.bam damaged.bam; head -c 50 $IN/reads.bam.bai >damaged.bam.bai; call --reads damaged.bam
folder-as-reads | 65,66 | folder\.bam.*folder | mkdir folder.bam; call --reads folder.bam
text-as-reads | 65 | reads\.sam.*BAM | samtools view -h $IN/reads.bam >reads.sam; call --reads reads.sam
reads-twice | 2 | reads\.bam.*twice | call --reads $IN/reads.bam,$IN/reads.bam
reads-twice-by-link | 2 | link\.bam.*twice | ln -s $IN/reads.bam link.bam; call --reads $IN/reads.bam,link.bam
no-reads-files | 2 | --reads names no file | call --reads ,
no-header-contigs | 67 | no_contigs\.bam | printf '@HD\tVN:1.6\tSO:coordinate\n@RG\tID:a\tSM:b\n' | samtools view -b -o no_contigs.bam -; samtools index no_contigs.bam; call --reads no_contigs.bam
truncated | 65 | truncated\.bam.*truncated | call --reads $IN/truncated.bam
cram-wrong-bases | 65,67 | reads\.cram.*reference | call --reads $IN/reads.cram --ref $IN/other.fa
cram-wrong-lengths | 67 | reads\.cram.*reference | call --reads $IN/reads.cram --ref $IN/longer.fa
cram-cut | 65 | cut\.cram | head -c 1500 $IN/reads.cram >cut.cram; cp $IN/reads.cram.crai cut.cram.crai; call --reads cut.cram
no-sample | 67 | no_sample\.bam.*--sample-name | call --reads $IN/no_sample.bam
several-samples | 67 | S1.*S2.*--sample-name | call --reads $IN/two_samples.bam
long-reads | 0 | * | call --reads $IN/long.bam --norealign-reads && alleles out.vcf.gz >small && call --reads $IN/long.bam --norealign-reads --partition-size 25000 && alleles out.vcf.gz >large && cmp small large && [ "$(wc -l <large)" -ge 8 ]
long-reads-odd | 0 | - | call --quiet --reads $IN/long_odd.bam --norealign-reads --keep-secondary-alignments --keep-supplementary-alignments --output-gvcf out.g.vcf.gz && [ "$(bcftools view -H out.vcf.gz | wc -l)" -ge 8 ]
long-reads-without-qualities | 65 | read l3 in .*long_no_qualities\.bam has no base qualities | call --reads $IN/long_no_qualities.bam
original-qualities-of-wrong-type | 65 | read l1 in .*long_odd\.bam has no original base qualities \(OQ\) | call --reads $IN/long_odd.bam --use-original-quality-scores
secondary-without-bases | 65 | read r1 in bare\.bam has no bases | samtools view -h $IN/reads.bam | awk -F'\t' -v OFS='\t' '$1 == "r1" { $2 = 256; $10 = $11 = "*" } { print }' | samtools view -b -o bare.bam -; samtools index bare.bam; call --quiet --reads bare.bam && rm out.vcf.gz* && call --quiet --reads bare.bam --keep-secondary-alignments
no-qualities | 65 | no_qualities\.bam.*qualit | call --reads $IN/no_qualities.bam

# Reference and regions.
absent-reference | 66 | absent\.fa | call --reads $IN/reads.bam --ref $IN/absent.fa
missing-fai | 66 | ref\.fa.*samtools faidx | cp $IN/ref.fa ref.fa; call --reads $IN/reads.bam --ref ref.fa
damaged-fai | 65 | ref\.fa.*samtools faidx | cp $IN/ref.fa ref.fa; echo chr1 >ref.fa.fai; call --reads $IN/reads.bam --ref ref.fa
short-reference | 65 | ref\.fa.*samtools faidx | head -c 9000 $IN/ref.fa >ref.fa; cp $IN/ref.fa.fai ref.fa.fai; call --reads $IN/reads.bam --ref ref.fa
empty-reference | 65 | ref\.fa | : >ref.fa; : >ref.fa.fai; call --reads $IN/reads.bam --ref ref.fa
folder-as-reference | 65,66 | ref\.fa.*folder | mkdir ref.fa; : >ref.fa.fai; call --reads $IN/reads.bam --ref ref.fa
missing-gzi | 66 | ref\.fa\.gz.*samtools faidx | bgzip -c $IN/ref.fa >ref.fa.gz; cp $IN/ref.fa.fai ref.fa.gz.fai; call --reads $IN/reads.bam --ref ref.fa.gz
reference-not-bgzf | 65 | ref\.fa\.gz.*bgzip | gzip -c $IN/ref.fa >ref.fa.gz; cp $IN/ref.fa.fai ref.fa.gz.fai; bgzip -c $IN/ref.fa >b.gz; bgzip -r b.gz; mv b.gz.gzi ref.fa.gz.gzi; call --reads $IN/reads.bam --ref ref.fa.gz
compressed-reference | 0 | * | bgzip -c $IN/ref.fa >ref.fa.gz; samtools faidx ref.fa.gz; call --reads $IN/reads.bam --ref ref.fa.gz
contig-names-disagree | 67 | '1' in .*other_names\.bam and 'chr1' in the reference | call --reads $IN/other_names.bam
contig-lengths-disagree | 67 | chr1.*(20000|30000) | call --reads $IN/other_length.bam
region-outside-contig | 2,67 | chr1:30,?001-30,?100 | call --reads $IN/reads.bam --regions chr1:30001-30100
region-unknown-contig | 2,67 | chr7 | call --reads $IN/reads.bam --regions chr7:1-100
region-backwards | 2,65 | chr1:200-100 | call --reads $IN/reads.bam --regions chr1:200-100
bed-bad-number | 65 | bad_number\.bed.*(line 2|:2) | call --reads $IN/reads.bam --regions $IN/bad_number.bed
bed-bad-columns | 65 | bad_columns\.bed.*(line 2|:2) | call --reads $IN/reads.bam --regions $IN/bad_columns.bed
bed-bad-order | 65 | bad_order\.bed.*(line 1|:1) | call --reads $IN/reads.bam --regions $IN/bad_order.bed
bed-empty | 67 | --regions | : >empty.bed; call --reads $IN/reads.bam --regions empty.bed
bed-other-contigs | 67 | other\.bed.*'chr1' | printf '1\t0\t50\n' >other.bed; call --reads $IN/reads.bam --regions other.bed
bed-folder | 65,66 | folder\.bed | mkdir folder.bed; call --reads $IN/reads.bam --regions folder.bed
regions-blank | 2,67 | --regions | call --reads $IN/reads.bam --regions ' '
regions-empty-means-all | 0 | * | call --reads $IN/reads.bam --regions '' && [ "$(vcf_summary out.vcf.gz)" = 'S1 8' ]
bed-absent | 66 | absent\.bed | call --reads $IN/reads.bam --regions $IN/absent.bed

# Output.
haploid-unknown | 67 | haploid contigs \(X.*chr1 | call --reads $IN/reads.bam --haploid-contigs X,Y
output-folder-absent | 73 | nowhere/out\.vcf\.gz | call --reads $IN/reads.bam --output-vcf nowhere/out.vcf.gz
outputs-are-one | 2 | both to be written | call --reads $IN/reads.bam --output-gvcf ./out.vcf.gz
output-is-input | 2 | copy\.bam is one of the inputs | cp $IN/reads.bam copy.bam; cp $IN/reads.bam.bai copy.bam.bai; call --reads copy.bam --output-vcf ./copy.bam
output-is-folder | 73 | out\.vcf\.gz | mkdir out.vcf.gz; call --reads $IN/reads.bam
output-read-only | 73 | locked/out\.vcf\.gz | read_only_folder locked; call --reads $IN/reads.bam --output-vcf locked/out.vcf.gz
full-disk | 73,74 | disk/out\.vcf\.gz.*(No space left|free space) | full_disk; call --reads $IN/reads.bam --output-vcf disk/out.vcf.gz
full-stdout | 74 | No space left | call --reads $IN/reads.bam --output-vcf - >/dev/full
stdout | 0 | * | call --reads $IN/reads.bam --output-vcf - >piped.vcf && call --reads $IN/reads.bam --output-vcf named.vcf && cmp <(bcftools view -H piped.vcf) <(bcftools view -H named.vcf) && [ ! -e - ] && [ -L /dev/stdout ]
old-output-stays | 0 | * | echo old >out.vcf.gz; ! call --reads $IN/truncated.bam 2>/dev/null && [ "$(cat out.vcf.gz)" = old ]

# Model.
model-absent | 66 | nothing | call --reads $IN/reads.bam --model nothing
model-damaged | 65 | [Ss][Hh][Aa]-?256 | copy_model; set_byte model/weights.safetensors 100000; call --reads $IN/reads.bam --model model
model-no-weights | 66 | weights\.safetensors | copy_model; rm model/weights.safetensors; call --reads $IN/reads.bam --model model
model-cut | 65 | weights\.safetensors | copy_model; head -c 1000 $MODEL/weights.safetensors >model/weights.safetensors; call --reads $IN/reads.bam --model model
model-is-a-file | 66,65 | ref\.fa | call --reads $IN/reads.bam --model $IN/ref.fa
model-not-json | 65 | model\.json | copy_model; echo '{"' >model/model.json; call --reads $IN/reads.bam --model model
model-wrong-shape | 65,67 | model | copy_model; sed -i 's/"shape": \[100/"shape": [60/' model/model.json; ! cmp -s model/model.json $MODEL/model.json; call --reads $IN/reads.bam --model model
