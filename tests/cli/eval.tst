# SPDX-License-Identifier: MIT
# gannet eval: two small files that say the same differently, and what it refuses.

same-file | 0 | - | eval_inputs && gannet eval --truth truth.vcf --calls truth.vcf --ref ref.fa >table && grep -Eq '^ALL +4 +4 +0 +4 +0 ' table
other-spelling | 0 | - | eval_inputs && gannet eval --truth truth.vcf --calls respelled.vcf --ref ref.fa >table && grep -Eq '^ALL +4 +4 +0 +4 +0 ' table
without-reference | 0 | - | eval_inputs && gannet eval --truth truth.vcf --calls respelled.vcf >table && grep -Eq '^ALL +4 +2 +2 +4 +2 ' table
regions | 0 | - | eval_inputs && gannet eval --truth truth.vcf --calls truth.vcf --ref ref.fa --regions c1:1-15 >table && grep -Eq '^ALL +2 +2 +0 +2 +0 ' table
json | 0 | - | eval_inputs && gannet eval --truth truth.vcf --calls truth.vcf --ref ref.fa --json out.json >table && grep -q '"truth_tp": 4' out.json
filtered | 0 | - | eval_inputs && sed '/^c1/s/\t\.\tGT/\tlow\tGT/; s/^#CHROM/##FILTER=<ID=low,Description="x">\n&/' truth.vcf | awk 'BEGIN{FS=OFS="\t"} /^c1/{$7="low"} 1' >low.vcf && gannet eval --truth truth.vcf --calls low.vcf --ref ref.fa >table && grep -Eq '^ALL +4 +0 +4 +0 +0 ' table && gannet eval --truth truth.vcf --calls low.vcf --ref ref.fa --no-pass-only >table && grep -Eq '^ALL +4 +4 +0 +4 +0 ' table
missing-calls | 2 | --calls | eval_inputs && gannet eval --truth truth.vcf
absent-calls | 66 | absent\.vcf | eval_inputs && gannet eval --truth truth.vcf --calls absent.vcf --ref ref.fa
other-contigs | 67 | c1 | eval_inputs && sed 's/c1/chr1/' truth.vcf >chr.vcf && gannet eval --truth truth.vcf --calls chr.vcf --ref ref.fa
other-reference | 67 | truth\.vcf|c1:6 | eval_inputs && sed -i 's/GGATTTTT/GGAGGGGG/' ref.fa && gannet eval --truth truth.vcf --calls truth.vcf --ref ref.fa
not-a-vcf | 65 | ref\.fa | eval_inputs && gannet eval --truth truth.vcf --calls ref.fa --ref ref.fa
unknown-sample | 67 | nobody | eval_inputs && gannet eval --truth truth.vcf --calls truth.vcf --ref ref.fa --calls-sample nobody
output-folder-absent | 73 | nowhere | eval_inputs && gannet eval --truth truth.vcf --calls truth.vcf --ref ref.fa --json nowhere/out.json >/dev/null
