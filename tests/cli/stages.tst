# SPDX-License-Identifier: MIT
# The stage commands: the way through the files, and damaged files.

needs: make-examples

examples | 0 | * | examples --reads $IN/reads.bam && [ -s out.examples.tfrecord.gz ]
examples-no-reads | 0 | * | examples --reads $IN/reads.bam --regions chr2 && [ -e out.examples.tfrecord.gz ]
examples-same-bytes | 0 | * | examples --reads $IN/reads.bam && zcat out.examples.tfrecord.gz | cksum >a && examples --reads $IN/reads.bam && zcat out.examples.tfrecord.gz | cksum >b && cmp a b
examples-unknown-flag | 2 | unknown option --partition_sise: did you mean --partition-size\? | examples --reads $IN/reads.bam --partition_sise 1000
examples-missing-index | 66 | no_index\.bam.*samtools index | examples --reads $IN/no_index.bam
examples-truncated | 65 | truncated\.bam | examples --reads $IN/truncated.bam
examples-unsorted | 65 | unsorted\.bam | examples --reads $IN/unsorted.bam
examples-no-sample | 67 | no_sample\.bam.*--sample-name | examples --reads $IN/no_sample.bam
examples-contigs | 67 | chr1 | examples --reads $IN/other_names.bam
examples-output | 73 | nowhere | examples --reads $IN/reads.bam --examples nowhere/out.tfrecord.gz
examples-full-disk | 73,74 | No space left | full_disk; examples --reads $IN/reads.bam --examples disk/out.tfrecord.gz

needs: call-variants
needs: postprocess

three-stages | 0 | * | M=$(model_folder) && examples --reads $IN/reads.bam && gannet call-variants --examples out.examples.tfrecord.gz --outfile out.cvo.tfrecord.gz --checkpoint $M && gannet postprocess --ref $IN/ref.fa --infile out.cvo.tfrecord.gz --outfile out.vcf.gz && call --reads $IN/reads.bam --output-vcf direct.vcf.gz && cmp <(bcftools view -H direct.vcf.gz) <(bcftools view -H out.vcf.gz)
absent-examples | 66 | absent\.tfrecord\.gz | M=$(model_folder) && gannet call-variants --examples absent.tfrecord.gz --outfile out.cvo.tfrecord.gz --checkpoint $M
examples-bad-crc | 65 | damaged\.tfrecord.*(CRC|crc) | M=$(model_folder) && quiet examples --reads $IN/reads.bam && zcat out.examples.tfrecord.gz >damaged.tfrecord && rm out* && set_byte damaged.tfrecord 2000 && gannet call-variants --examples damaged.tfrecord --outfile out.cvo.tfrecord.gz --checkpoint $M
examples-cut | 65 | damaged\.tfrecord.*truncated | M=$(model_folder) && quiet examples --reads $IN/reads.bam && zcat out.examples.tfrecord.gz | head -c 3000 >damaged.tfrecord; rm -f out*; gannet call-variants --examples damaged.tfrecord --outfile out.cvo.tfrecord.gz --checkpoint $M
examples-cut-gzip | 65 | damaged\.tfrecord\.gz | M=$(model_folder) && quiet examples --reads $IN/reads.bam && head -c 3000 out.examples.tfrecord.gz >damaged.tfrecord.gz; rm -f out*; gannet call-variants --examples damaged.tfrecord.gz --outfile out.cvo.tfrecord.gz --checkpoint $M
cvo-bad-crc | 65 | damaged\.tfrecord.*(CRC|crc) | printf '\1\0\0\0\0\0\0\0\0\0\0\0x\0\0\0\0' >damaged.tfrecord; gannet postprocess --ref $IN/ref.fa --infile damaged.tfrecord --outfile out.vcf.gz
cvo-not-tfrecord | 65 | ref\.fa | gannet postprocess --ref $IN/ref.fa --infile $IN/ref.fa --outfile out.vcf.gz
cvo-empty | 0 | * | : >empty.tfrecord; gannet postprocess --ref $IN/ref.fa --infile empty.tfrecord --outfile out.vcf.gz --sample-name S1 && [ "$(vcf_summary out.vcf.gz)" = 'S1 0' ]
