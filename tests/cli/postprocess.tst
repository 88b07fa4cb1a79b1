# SPDX-License-Identifier: MIT
# gannet postprocess: damaged and absent files. What it writes is compared with DeepVariant's VCFs by the unit programs.

no-outputs | 0 | * | : >empty.tfrecord; finish --infile empty.tfrecord --sample-name S1 && [ "$(vcf_summary out.vcf.gz)" = 'S1 0' ] && [ -s out.vcf.gz.tbi ]
absent | 66 | absent\.tfrecord | finish --infile absent.tfrecord
not-tfrecord | 65 | ref\.fa | finish --infile $IN/ref.fa
bad-length-crc | 65 | damaged\.tfrecord.*checksum | one_record >damaged.tfrecord; set_byte damaged.tfrecord 8; finish --infile damaged.tfrecord
bad-crc | 65 | damaged\.tfrecord.*checksum | one_record >damaged.tfrecord; set_byte damaged.tfrecord 12; finish --infile damaged.tfrecord
truncated | 65 | damaged\.tfrecord.*(ends inside|truncated) | one_record | head -c 14 >damaged.tfrecord; finish --infile damaged.tfrecord
not-an-output | 65 | record\.tfrecord | one_record >record.tfrecord; finish --infile record.tfrecord
missing-ref | 2 | missing: --ref FILE | gannet postprocess --infile x --outfile out.vcf.gz
absent-reference | 66 | absent\.fa | : >empty.tfrecord; finish --infile empty.tfrecord --ref $IN/absent.fa
unknown-flag | 2 | unknown option --in_file: did you mean --infile\? | finish --in_file x
gvcf-without-blocks | 2,66,67 | nonvariant.site.tfrecord.path | : >empty.tfrecord; finish --infile empty.tfrecord --gvcf-outfile out.g.vcf.gz
output-folder-absent | 73 | nowhere | : >empty.tfrecord; finish --infile empty.tfrecord --outfile nowhere/out.vcf.gz
full-disk | 73,74 | disk/out\.vcf\.gz.*(No space left|free space) | full_disk; : >empty.tfrecord; finish --infile empty.tfrecord --outfile disk/out.vcf.gz
