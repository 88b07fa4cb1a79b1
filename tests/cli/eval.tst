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
strata | 0 | - | eval_inputs && gannet eval --truth truth.vcf --calls respelled.vcf --ref ref.fa --strata >table && grep -Eq '^type +deletion +INDEL +2 +2 +0 +2 +0 ' table && grep -Eq '^homopolymer +4-6 +INDEL +1 +1 +0 ' table && grep -Eq '^repeat +of 2-4 bases +INDEL +1 +1 +0 ' table && grep -q 'Genotype quality' table
strata-are-asked-for | 0 | - | eval_inputs && gannet eval --truth truth.vcf --calls truth.vcf --ref ref.fa >table && [ "$(wc -l <table)" -eq 11 ] && ! grep -q stratum table
roc | 0 | - | eval_inputs && gannet eval --truth truth.vcf --calls truth.vcf --ref ref.fa --roc out.tsv --roc-field QUAL >table && [ "$(sed -n 4p out.tsv | cut -f 1-6 | tr '\t' ' ')" = '50 ALL 4 0 0 4' ] && [ "$(wc -l <out.tsv)" -eq 4 ]
roc-without-quality | 0 | - | eval_inputs && gannet eval --truth truth.vcf --calls truth.vcf --ref ref.fa --roc out.tsv >table && [ "$(sed -n 4p out.tsv | cut -f 1-6 | tr '\t' ' ')" = '-1 ALL 4 0 0 4' ]
roc-field-unknown | 2 | --roc-field | eval_inputs && gannet eval --truth truth.vcf --calls truth.vcf --ref ref.fa --roc-field DP
roc-folder-absent | 73 | nowhere | eval_inputs && gannet eval --truth truth.vcf --calls truth.vcf --ref ref.fa --roc nowhere/out.tsv >/dev/null
json-is-whole | 0 | - | eval_inputs && gannet eval --truth truth.vcf --calls respelled.vcf --ref ref.fa --json out.json >table && python3 -c 'import json; d = json.load(open("out.json")); assert d["strata"]["type"]["deletion"]["all"]["truth_tp"] == 2 and d["roc"][-1]["all"]["fn"] == 0 and len(d["gq"]["snv"]) == 11 and d["cut_short"] == 0'
records | 0 | - | eval_inputs && sed '/\t32\t/s/0.1$/1\/1/; /\t3\t/s/\tC\t/\tA\t/' respelled.vcf >wrong.vcf && gannet eval --truth truth.vcf --calls wrong.vcf --ref ref.fa --output-dir out >table && [ "$(for f in tp fp fn tp-baseline; do echo "$f:$(bcftools query -f '%POS/%INFO/EVAL ' out/$f.vcf.gz)"; done | tr '\n' ' ')" = 'tp:10/TP 23/TP  fp:3/FP 32/FP_GT  fn:3/FN 32/FN_GT  tp-baseline:6/TP 16/TP  ' ] && [ -e out/fn.vcf.gz.tbi ]
records-folder-is-a-file | 73 | ref\.fa | eval_inputs && gannet eval --truth truth.vcf --calls truth.vcf --ref ref.fa --output-dir ref.fa
