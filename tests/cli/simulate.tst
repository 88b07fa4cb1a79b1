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
profile-named | 0 | * | sim --profile hiseq-2x101 && [ "$(samtools view out.bam | head -n 1 | cut -f 10 | tr -d '\n' | wc -c)" = 101 ]
profile-file | 0 | * | sim && gannet simulate --learn-profile out.bam --ref out.fa --output-profile p.json && sim --profile ./p.json --read-length 100
read-length-of-profile | 0 | * | sim --read-length 120 && [ "$(samtools view out.bam | head -n 1 | cut -f 10 | tr -d '\n' | wc -c)" = 120 ]
no-hard-places | 0 | * | sim --hardness 0 --nomapping-errors && [ "$(samtools view -q 60 -c out.bam)" = "$(samtools view -c out.bam)" ]
given-variants | 0 | * | sim && printf '##fileformat=VCFv4.2\n##contig=<ID=%s>\n##FORMAT=<ID=GT,Number=1,Type=String,Description="g">\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\ta\tb\n' "$(head -n 1 out.fa.fai | cut -f 1)" >v.vcf && c=$(head -n 1 out.fa.fai | cut -f 1) && b=$(samtools faidx out.fa "$c:5000-5000" | tail -n 1) && printf '%s\t5000\t.\t%s\t%sTTT\t.\t.\t.\tGT\t0/0\t1/1\n%s\t5000\t.\t%s\t<DEL>\t.\t.\t.\tGT\t0/0\t0/1\n' "$c" "$b" "$b" "$c" "$b" >>v.vcf && gannet simulate -r out.fa -o w --coverage 5 --snv-rate 0 --indel-rate 0 --hardness 0 --variants v.vcf --variants-sample b 2>said && grep -q 'took 1 variants of v.vcf, skipped 1 ' said && [ "$(bcftools query -f '%POS %ALT[ %GT]\n' w.truth.vcf.gz)" = "5000 ${b}TTT 1|1" ]
unknown-profile | 66 | no profile nanoq lies beside | sim --profile nanoq
absent-profile | 66 | absent\.json | sim --profile absent.json
damaged-profile | 65 | bad\.json: no profile: line [12] | echo '{"kind": "short",' >bad.json; sim --profile bad.json
wrong-kind | 65 | bad\.json: "kind" is not "short" | echo '{"kind": "wide"}' >bad.json; sim --profile bad.json
absent-variants | 66 | absent\.vcf | sim --variants absent.vcf
sample-alone | 2 | give --variants too | sim --variants-sample b
read-length-short | 2 | --read-length 20: choose 50 | sim --read-length 20
learn-without-output | 2 | give --ref and --output-profile | gannet simulate --learn-profile a.bam
learn-and-simulate | 2 | leave --output-prefix out | gannet simulate --learn-profile a.bam --ref a.fa --output-profile a.json -o out
learn-absent-reads | 66 | absent\.bam | gannet simulate --learn-profile absent.bam --ref $IN/ref.fa --output-profile a.json; rc=$?; [ ! -e a.json ] && exit $rc
output-profile-alone | 2 | belong to --learn-profile | sim --output-profile a.json
targets | 0 | * | sim && printf 'chr1\t3000\t3400\nchr1\t3400\t3500\nchr2\t9000\t9200\n' >t.bed && gannet simulate -r out.fa -o w --targets t.bed --coverage 100 && [ "$(samtools view -c w.bam chr1:3001-3500)" -gt "$(samtools view -c w.bam chr1:5001-15000)" ] && bcftools view -H w.truth.vcf.gz >w.truth && [ "$(awk '$1 == "chr1" && $2 > 5000' w.truth | wc -l)" -gt 5 ] && [ "$(awk '$3 > 6000' w.truth.bed | cut -f 1 | sort -u)" = chr2 ]
targets-same-seed | 0 | * | printf 'chr1\t3000\t3400\n' >t.bed && sim --targets t.bed && sha256sum out.* >a && rm out.* && sim --targets t.bed && sha256sum -c --quiet a && cp out.bam b && sim --targets t.bed --seed 2 && ! cmp -s out.bam b
targets-no-off-target | 0 | * | printf 'chr1\t3000\t3400\n' >t.bed && sim --targets t.bed --off-target 0 --coverage 50 --nomapping-errors && [ "$(samtools view -c out.bam chr1:2001-4400)" -gt 20 ] && [ "$(samtools view -c out.bam chr1:6000-20000)$(samtools view -c out.bam chr2)" = 00 ]
targets-bad-bed | 65 | t\.bed, line 2: start 'x' | printf 'chr1\t3000\t3400\nchr1\tx\t9\n' >t.bed; sim --targets t.bed
targets-two-columns | 65 | t\.bed, line 1: 2 tab-separated fields | printf 'chr1\t3000\n' >t.bed; sim --targets t.bed
targets-absent | 66 | absent\.bed | sim --targets absent.bed
targets-other-contigs | 67 | t\.bed shares no contig with the reference | printf '7\t3000\t3400\n' >t.bed; sim --targets t.bed
targets-outside-regions | 67 | --targets t\.bed: no target lies in the regions | printf 'chr1\t19000\t19400\n' >t.bed; sim --targets t.bed --regions chr1:1000-5000
targets-empty | 67 | --targets t\.bed: no target lies in the regions | : >t.bed; sim --targets t.bed
targets-of-long-reads | 2 | --targets belongs to paired short reads | printf 'chr1\t3000\t3400\n' >t.bed; sim --targets t.bed --profile hifi-revio
off-target-alone | 2 | --off-target: give --targets too | sim --off-target 0.1
