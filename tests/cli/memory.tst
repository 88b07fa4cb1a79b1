# SPDX-License-Identifier: MIT
# Deep and long reads: one partition within an address space that does without the limit that the case is about. One
# thread and two make the same bytes.

# 600x in reads of 15 to 20 kb: 90 MB when 600 of the 1,450 reads are kept, 160 when all are.
deep | 0 | * | long_reads deep 600 0.02 && within_mb 120 gannet $LONG_EXAMPLES --preset pacbio --regions c1:25,001-50,000
deep-threads | 0 | * | long_reads deep 200 0.02 && long_threads --preset ont --max-reads-per-partition 0
# Twenty reads of 2 Mb, some in soft clips: 55 MB; whole, as --normalize-reads needs them, 140.
ultra-long | 0 | * | long_reads ultra 20 0.002 && within_mb 95 gannet $LONG_EXAMPLES --preset pacbio --regions c1:1,000,001-1,025,000
ultra-long-threads | 0 | * | long_reads ultra 6 0.01 && long_threads --preset ont --regions c1:1,000,001-1,075,000
# 6,000 transcripts, split: 70 MB at the preset's 1,500x, 125 without it.
spliced | 0 | * | long_reads spliced 6000 0.01 && within_mb 95 gannet $LONG_EXAMPLES --preset masseq --split-skip-reads --regions c1:25,001-50,000
spliced-threads | 0 | * | long_reads spliced 2000 0.01 && long_threads --preset masseq --split-skip-reads
