# SPDX-License-Identifier: MIT
# gannet make-examples: bad input. What it writes is compared with DeepVariant's files by the unit programs.

good | 0 | * | examples --reads $IN/reads.bam && [ -s out.examples.tfrecord.gz ]
no-reads | 0 | * | examples --reads $IN/reads.bam --regions chr2 && [ -e out.examples.tfrecord.gz ]
same-bytes | 0 | * | examples --reads $IN/reads.bam && zcat out.examples.tfrecord.gz | cksum >a && examples --reads $IN/reads.bam && zcat out.examples.tfrecord.gz | cksum >b && cmp a b
unknown-flag | 2 | unknown option --partition_sise: did you mean --partition-size\? | examples --reads $IN/reads.bam --partition_sise 1000
missing-index | 66 | no_index\.bam.*samtools index | examples --reads $IN/no_index.bam
truncated | 65 | truncated\.bam | examples --reads $IN/truncated.bam
unsorted | 65 | unsorted\.bam | examples --reads $IN/unsorted.bam
no-sample | 67 | no_sample\.bam.*--sample-name | examples --reads $IN/no_sample.bam
contigs | 67 | chr1 | examples --reads $IN/other_names.bam
output-folder-absent | 73 | nowhere | examples --reads $IN/reads.bam --examples nowhere/out.tfrecord.gz
full-disk | 73,74 | No space left|free space | full_disk; examples --reads $IN/reads.bam --examples disk/out.tfrecord.gz
