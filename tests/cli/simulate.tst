# SPDX-License-Identifier: MIT
# gannet simulate: what it writes is whole and repeatable, and what it refuses.

good | 0 | * | sim && samtools quickcheck out.bam && samtools faidx out.fa && [ "$(bcftools query -l out.truth.vcf.gz)" = SIM ] && [ -s out.bam.bai ] && [ -s out.truth.bed ]
reference-agrees | 0 | * | sim && bcftools norm -c e -f out.fa out.truth.vcf.gz >/dev/null 2>&1
same-seed | 0 | * | sim --seed 5 && sha256sum out.* >a && rm out.* && sim --seed 5 && sha256sum -c --quiet a
other-seed | 0 | * | sim --seed 5 && cp out.fa five.fa && sim --seed 6 && ! cmp -s out.fa five.fa
given-reference | 0 | * | gannet simulate -o out -r $IN/ref.fa --coverage 5 && [ ! -e out.fa ] && samtools quickcheck out.bam
unknown-flag | 2 | unknown option --coverge: did you mean --coverage\? | sim --coverge 5
missing-output | 2 | output-prefix | gannet simulate
bad-rate | 2 | --snv-rate: 2 is not in | sim --snv-rate 2
negative-coverage | 2 | --coverage: -1 is not in | sim --coverage -1
absent-reference | 66 | absent\.fa | sim -r $IN/absent.fa
unknown-contig | 2,67 | chr7 | sim -r $IN/ref.fa --regions chr7
output-folder-absent | 73 | nowhere | sim --output-prefix nowhere/out
full-disk | 73,74 | No space left|free space | full_disk; sim --output-prefix disk/out
