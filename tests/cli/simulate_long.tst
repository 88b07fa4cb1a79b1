# SPDX-License-Identifier: MIT
# gannet simulate with profiles of long reads, what it refuses, and what the other commands make of its reads.

good | 0 | * | sim_long hifi-revio && samtools quickcheck out.bam && [ -s out.bam.bai ] && samtools view -H out.bam | grep -q 'PL:PACBIO' && [ "$(samtools view -c -f 1 out.bam)" = 0 ]
every-profile | 0 | long reads | for p in hifi-revio hifi-sequel2 ont-r9.4 ont-r10.4 ont-r10.4-hac; do sim_long $p --coverage 2 && samtools quickcheck out.bam || exit 1; done; sim_long ont-r10.4 --coverage 2
edits-are-right | 0 | * | sim_long ont-r10.4 && samtools calmd out.bam out.fa 2>err >/dev/null; ! grep -q NM err
same-seed | 0 | * | sim_long ont-r10.4 --seed 5 && sha256sum out.* >a && rm out.* && sim_long ont-r10.4 --seed 5 && sha256sum -c --quiet a
other-seed | 0 | * | sim_long ont-r10.4 --seed 5 -r $IN/ref.fa && cp out.bam five.bam && sim_long ont-r10.4 --seed 6 -r $IN/ref.fa && ! cmp -s out.bam five.bam
no-errors | 0 | * | sim_long ont-r9.4 --error-rate 0 --no-mapping-errors --snv-rate 0 --indel-rate 0 && [ "$(samtools view out.bam | grep -o 'NM:i:[0-9]*' | sort -u)" = NM:i:0 ]
no-errors-show-the-variants | 0 | * | sim_long hifi-revio --error-rate 0 --no-mapping-errors --coverage 20 --indel-rate 0 && [ "$(samtools mpileup -Q 0 -B -f out.fa out.bam 2>/dev/null | awk '$5 ~ /[ACGTacgt]/' | wc -l)" -eq "$(bcftools view -H out.truth.vcf.gz | wc -l)" ]
hifi-examples | 0 | * | sim_long hifi-revio --coverage 20 && long_sim_examples pacbio --mode calling && [ -s out.examples.tfrecord.gz ]
ont-examples | 0 | * | sim_long ont-r10.4 --coverage 20 && long_sim_examples ont --mode calling && [ -s out.examples.tfrecord.gz ]
training-examples | 0 | * | sim_long hifi-revio --coverage 20 && long_sim_examples pacbio --mode training --truth-variants out.truth.vcf.gz --confident-regions out.truth.bed && [ -s out.examples.tfrecord.gz ] && zcat out.examples.tfrecord.gz | grep -aq label
learned | 0 | learned a profile of long reads | sim_long hifi-revio --coverage 10 --genome-size 60000 && learn_long --truth-variants out.truth.vcf.gz && sim_long ./learned.json --coverage 2
learned-same-bytes | 0 | * | sim_long ont-r9.4 --coverage 10 --genome-size 60000 && learn_long && cp learned.json a && learn_long && cmp a learned.json
learned-from-few | 65 | too few to learn from | sim_long hifi-revio --coverage 1 --genome-size 20000 2>/dev/null && learn_long --output-profile out.json; status=$?; rm -f out.*; exit $status
short-options | 2 | --read-length.*hifi-revio | sim_long hifi-revio --read-length 150
unknown-profile | 66 | hifi-revoi | sim_long hifi-revoi
damaged-profile | 65 | p\.json.*clip_share | sed 's/"clip_share": /"clip_share": 7, "x": /' $ROOT/profiles/ont-r10.4.json >p.json; sim_long ./p.json
half-a-profile | 65 | p\.json: no profile: line | head -c 5000 $ROOT/profiles/ont-r10.4.json >p.json; sim_long ./p.json
several-files | 2 | one file | gannet simulate --learn-profile "$IN/long.bam $IN/long.bam" -r $IN/ref.fa --output-profile out.json
