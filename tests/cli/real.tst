# SPDX-License-Identifier: MIT
# Real reads (NA12878, 2x101 bp, 52x): the whole program against itself by another way, and against the truth.

needs: a model folder
needs: shared data

# One process and DeepVariant's three stages write the same bytes.
same-as-stages | 0 | * | real_call && real_stages && cmp out.vcf.gz stages.vcf.gz && cmp out.g.vcf.gz stages.g.vcf.gz && cmp out.vcf.gz.tbi stages.vcf.gz.tbi
threads-and-batches | 0 | * | real_call && mv out.vcf.gz a.vcf.gz && mv out.g.vcf.gz a.g.vcf.gz && real_call --threads 8 --batch-size 3 && cmp a.vcf.gz out.vcf.gz && cmp a.g.vcf.gz out.g.vcf.gz
cram | 0 | * | real_call && mv out.vcf.gz bam.vcf.gz && real_call --reads $REAL.cram && cmp bam.vcf.gz out.vcf.gz
two-files | 0 | * | real_call && mv out.vcf.gz one.vcf.gz && real_call --reads $REAL.first_half.bam,$REAL.second_half.bam && cmp one.vcf.gz out.vcf.gz
plain-vcf | 0 | * | real_call && gzip -dc out.vcf.gz >a && real_call --output-vcf b.vcf --output-gvcf b.g.vcf && cmp a b.vcf && [ ! -e b.vcf.tbi ]
bcf | 0 | * | real_call && real_call --output-vcf b.bcf && cmp <(bcftools view -H out.vcf.gz) <(bcftools view -H b.bcf)
# Other programs read the outputs without a word: indexes, alleles against the reference, blocks that tile.
bcftools-norm | 0 | * | real_call && bcftools norm -c e -f $REAL_REF out.vcf.gz -Ou 2>err | bcftools stats - >/dev/null && bcftools view -H out.g.vcf.gz chr20:10002000-10002100 | grep -q END=
gvcf-covers-all | 0 | * | real_call && [ "$(bcftools query -f '%POS\t%REF\t%INFO/END\n' out.g.vcf.gz | awk '{ e = $3 == "." ? $1 + length($2) - 1 : $3; if ($1 > last + 1 && last) gaps++; if (e > last) last = e } END { print gaps + 0, last }')" = '0 10020000' ]
# Better than either classical caller on this window (bench/README.md), with and without the small model; the whole of it takes a second.
accuracy | 0 | * | real_call --regions chr20:10,000,001-10,100,000 && better_than_peers
accuracy-as-shipped | 0 | * | unset GANNET_MODELS; real_call --regions chr20:10,000,001-10,100,000 && better_than_peers && bcftools view -H out.vcf.gz | grep -q small_model
accuracy-of-the-exome-model | 0 | * | unset GANNET_MODELS; real_call --preset wes --regions chr20:10,000,001-10,100,000 && better_than_peers
