/* SPDX-License-Identifier: MIT
 *
 * image_bench.h - what the fuzzer of reads does with candidates: phasing, and images with every channel, the reads on the
 * alternative haplotypes among them. Any failure must come with a message.
 */
#ifndef GN_FUZZ_IMAGE_BENCH_H
#define GN_FUZZ_IMAGE_BENCH_H

#include <htslib/faidx.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "phase/direct_phasing.h"
#include "phase/phase_blocks.h"
#include "phase/phase_info.h"
#include "pileup/pileup.h"

struct image_bench {
    gn_fasta_t *fasta;
    gn_realigner_t *realigner;
    gn_pileup_t *pileup;
};

static const char image_channels[] =
    "BASE_CHANNELS,haplotype,read_mapping_percent,avg_base_quality,identity,gap_compressed_"
    "identity,"
    "gc_content,is_homopolymer,homopolymer_weighted,blank,insert_size,mean_coverage,"
    "base_methylation,base_6ma";

/* Writes the contigs as a FASTA file, opens it, and makes a drawer of images. */
static inline void image_bench_make(struct image_bench *bench, const char *const *names,
                                    char *const *contigs, int n, int length)
{
    char path[] = "/tmp/gannet_fuzz_XXXXXX", index[64];
    gn_error_t err = {0};
    FILE *file = fdopen(mkstemp(path), "w");
    if (file == NULL)
        abort();
    for (int c = 0; c < n; c++)
        fprintf(file, ">%s\n%.*s\n", names[c], length, contigs[c]);
    if (fclose(file) != 0 || fai_build(path) != 0)
        abort();
    struct gn_realign_options realign = gn_realign_options_default();
    struct gn_pileup_options options = gn_pileup_options_default();
    options.height = 12;
    options.width = 41;
    options.sort_by_haplotypes = true;
    options.alt_aligned = GN_ALT_ALIGNED_DIFF_CHANNELS;
    options.n_channels =
        gn_channel_list_parse(image_channels, options.channels, GN_MAX_CHANNELS, &err);
    if (options.n_channels < 0 || gn_pileup_add_alt_channels(&options, &err) < 0 ||
        (bench->fasta = gn_fasta_open(path, &err)) == NULL ||
        (bench->realigner = gn_realigner_create(&realign, &err)) == NULL ||
        (bench->pileup = gn_pileup_create(&options, bench->realigner, &err)) == NULL)
        abort();
    snprintf(index, sizeof index, "%s.fai", path);
    unlink(index);
    unlink(path);
}

static inline void image_bench_expect(int status, const gn_error_t *err)
{
    if ((status >= 0) != (err->message[0] == '\0'))
        abort();
}

/* Phases the reads of the candidates, and gives them their haplotypes. */
static inline void image_bench_phase(struct gn_candidate_list *candidates, struct gn_read *reads,
                                     size_t n_reads, uint32_t key_limit, gn_arena_t *arena)
{
    gn_error_t err = {0};
    struct gn_phasing phasing;
    struct gn_phase_blocks blocks;
    int ret = gn_phase_directly(candidates, key_limit, &phasing, arena, &err);
    if (ret == GN_OK)
        ret = gn_phase_info_fill(candidates, &phasing, &err);
    if (ret == GN_OK)
        ret = gn_phase_blocks_find(candidates, &phasing, key_limit, &blocks, arena, &err);
    image_bench_expect(ret, &err);
    for (size_t i = 0; i < n_reads && ret == GN_OK; i++) {
        reads[i].haplotype = (int8_t)phasing.of_key[reads[i].key];
        if (blocks.of_key[reads[i].key] >= (int32_t)blocks.n ||
            blocks.haplotype_of_key[reads[i].key] > 2)
            abort();
    }
}

static inline void image_bench_draw(const struct image_bench *bench, int contig,
                                    const struct gn_candidate *candidate,
                                    const struct gn_read *reads, size_t n_reads, uint32_t key_limit,
                                    gn_arena_t *arena)
{
    gn_error_t err = {0};
    struct gn_pileup_images images = {NULL, 0};
    struct gn_pileup_reads list = {reads, n_reads, key_limit};
    image_bench_expect(
        gn_pileup_draw(bench->pileup, bench->fasta, contig, candidate, &list, &images, arena, &err),
        &err);
}

#endif
