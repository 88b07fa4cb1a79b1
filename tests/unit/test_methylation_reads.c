/* SPDX-License-Identifier: MIT
 *
 * test_methylation_reads.c - methylation calling and methylation-aware phasing of real HiFi reads.
 *
 * No file of DeepVariant's own shows what its two flags do. The numbers expected here are those of a program written apart
 * from this one: a restatement of DeepVariant 1.9's candidates and direct phasing in Python, with its
 * methylation_aware_phasing.cc itself. Candidates, their reads' levels and the haplotypes were equal, one by one.
 *
 * The reference at hand has the first 2,000,000 bases of chr11, so the reads are copied with a header that says so. In this
 * window the haplotypes are methylated alike: for phasing the copy's likelihoods are made up, high on the reads tagged HP 1,
 * low on those tagged HP 2.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <htslib/sam.h>
#include <unistd.h>

#include "call/make_examples.h"
#include "call/presets.h"
#include "deepvariant.pb-c.h"
#include "io/tfrecord.h"
#include "temporary_folder.h"

enum { MOST_PHASES = 512, N_REGIONS = 7 };

static struct temporary_folder folder;
static char reference[600], original[600], copy[600];

/* Gives a read the likelihoods of its haplotype. */
static void make_up(bam1_t *record)
{
    uint8_t *ml = bam_aux_get(record, "ML"), *hp = bam_aux_get(record, "HP");
    if (ml == NULL || hp == NULL)
        return;
    bool is_first = bam_aux2i(hp) == 1;
    uint32_t n = bam_auxB_len(ml);
    for (uint32_t i = 0; i < n; i++) /* type 'B', 'C' and four bytes of length come first */
        ml[6 + i] = (uint8_t)(is_first ? 220 - i % 40 : 60 + i % 40);
}

static void copy_reads(bool are_made_up)
{
    samFile *in = sam_open(original, "r");
    sam_hdr_t *header = sam_hdr_read(in);
    bam1_t *record = bam_init1();
    snprintf(copy, sizeof copy, "%s", temporary_path(&folder, "reads.bam"));
    samFile *out = sam_open(copy, "wb");
    assert_non_null(out);
    assert_int_equal(sam_hdr_update_line(header, "SQ", "SN", "chr11", "LN", "2000000", NULL), 0);
    assert_int_equal(sam_hdr_write(out, header), 0);
    while (sam_read1(in, header, record) >= 0) {
        if (are_made_up)
            make_up(record);
        assert_true(sam_write1(out, header, record) >= 0);
    }
    bam_destroy1(record);
    sam_hdr_destroy(header);
    sam_close(in);
    assert_int_equal(sam_close(out), 0);
    assert_int_equal(sam_index_build(copy, 0), 0);
}

static int setup(void **state)
{
    const char *shared = getenv("GANNET_SHARED");
    (void)state;
    shared = shared == NULL ? "../shared" : shared;
    snprintf(original, sizeof original, "%s/reads/hg002_hifi_revio_GRCh38_chr11_1.24-1.44M/%s",
             shared, "HG002_chr11_hifi_test.bam");
    snprintf(reference, sizeof reference, "%s/reference/longcallD.GRCh38.chr11_2M.fa.gz", shared);
    temporary_make(&folder);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    temporary_remove(&folder);
    return 0;
}

/* A run of make-examples: its outputs are NAME.tfrecord.gz and NAME.tsv. */
struct run {
    struct gn_make_examples_options options;
    char candidates[600], phases[600], *files[1];
};

static void prepare(struct run *run, const char *name, const char *regions, bool are_made_up)
{
    struct gn_preset preset;
    gn_error_t err = {0};
    if (access(original, R_OK) != 0 || access(reference, R_OK) != 0) {
        print_message("skipped: no file '%s' or '%s'\n", original, reference);
        skip();
    }
    copy_reads(are_made_up);
    assert_int_equal(gn_preset_find("pacbio", &preset, &err), GN_OK);
    *run = (struct run){.options = {.partition = preset.settings, .n_threads = 2}};
    run->files[0] = copy;
    snprintf(run->candidates, sizeof run->candidates, "%s/%s.tfrecord.gz", folder.dir, name);
    snprintf(run->phases, sizeof run->phases, "%s/%s.tsv", folder.dir, name);
    run->options.candidates = run->candidates;
    run->options.local_read_phasing = run->phases;
    run->options.partition.reference = reference;
    run->options.partition.reads = (struct gn_texts){run->files, 1};
    run->options.regions =
        (struct gn_partition_options){.regions = regions, .partition_size = preset.partition_size};
    run->options.partition.pileup.alt_aligned = GN_ALT_ALIGNED_NONE; /* no images are compared */
    run->options.partition.pileup.n_channels = gn_channel_list_parse(
        "read_base", run->options.partition.pileup.channels, GN_MAX_CHANNELS, &err);
}

static struct gn_methylation_options *methylation_of(struct run *run)
{
    return &run->options.partition.candidate.methylation;
}

static void perform(const struct run *run)
{
    struct gn_make_examples_counts counts;
    char *warning = NULL;
    gn_error_t err = {0};
    int ret = gn_make_examples(&run->options, &counts, &warning, &err);
    if (ret < 0)
        print_message("%s\n", err.message);
    free(warning);
    assert_int_equal(ret, GN_OK);
}

/* Sums over the candidates of a run. */
struct sums {
    int candidates, sites, with_fields;
    int64_t md_reference, md_alternatives, methylated_reads;
};

static void add_fields(struct sums *sums, const Dv__VariantCall *call)
{
    for (size_t i = 0; i < call->n_info; i++) {
        const Dv__ListValue *list = call->info[i]->value;
        sums->with_fields += strcmp(call->info[i]->key, "MF") == 0;
        if (strcmp(call->info[i]->key, "MD") != 0)
            continue;
        sums->md_reference += list->values[0]->int_value;
        for (size_t k = 1; k < list->n_values; k++)
            sums->md_alternatives += list->values[k]->int_value;
    }
}

static void add_candidate(struct sums *sums, const uint8_t *data, size_t length)
{
    Dv__DeepVariantCall *call = dv__deep_variant_call__unpack(NULL, length, data);
    assert_non_null(call);
    sums->candidates++;
    sums->sites += strcmp(call->variant->alternate_bases[0], ".") == 0;
    add_fields(sums, call->variant->calls[0]);
    for (size_t i = 0; call->ref_support_ext != NULL && i < call->ref_support_ext->n_read_infos;
         i++) {
        const Dv__ReadSupport *support = call->ref_support_ext->read_infos[i];
        sums->methylated_reads += support->is_methylated;
        assert_int_equal(support->is_methylated, support->methylation_level > 127);
    }
    dv__deep_variant_call__free_unpacked(call, NULL);
}

static struct sums sum_up(const struct run *run)
{
    struct sums sums = {0};
    gn_error_t err = {0};
    const uint8_t *data;
    size_t length;
    gn_tfrecord_reader_t *reader = gn_tfrecord_reader_open(run->candidates, &err);
    assert_non_null(reader);
    while (gn_tfrecord_next(reader, &data, &length, &err) > 0)
        add_candidate(&sums, data, length);
    gn_tfrecord_reader_close(reader);
    return sums;
}

#define CALLED_REGION "chr11:1,265,001-1,315,000"

static void methylation_calling(void **state)
{
    (void)state;
    struct run run;
    prepare(&run, "calling", CALLED_REGION, false);
    methylation_of(&run)->enable_methylation_calling = true;
    perform(&run);
    struct sums sums = sum_up(&run);
    assert_int_equal(sums.candidates, 1835);
    assert_int_equal(sums.sites, 1742);
    assert_int_equal(sums.with_fields, 1763);
    assert_int_equal(sums.md_reference, 37355);
    assert_int_equal(sums.md_alternatives, 88);
    assert_true(sums.methylated_reads >= sums.md_reference); /* those of low quality too */
}

static void phasing_takes_the_sites(void **state)
{
    (void)state;
    struct run run;
    prepare(&run, "both", CALLED_REGION, false);
    methylation_of(&run)->enable_methylation_calling = true;
    methylation_of(&run)->enable_methylation_aware_phasing = true;
    perform(&run);
    struct sums sums = sum_up(&run);
    assert_int_equal(sums.candidates, 93);
    assert_int_equal(sums.sites, 0);
    assert_int_equal(sums.with_fields, 24);
    assert_int_equal(sums.md_reference, 95);
    assert_int_equal(sums.md_alternatives, 88);
}

/* A line of the table of haplotypes. */
struct phase {
    char name[128];
    int haplotype, region;
};

static int read_phases(const char *path, struct phase phases[MOST_PHASES])
{
    FILE *file = fopen(path, "r");
    char line[512];
    int n = 0;
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof line, file));
    while (fgets(line, sizeof line, file) != NULL) {
        struct phase *phase = &phases[n++];
        assert_true(n <= MOST_PHASES);
        assert_int_equal(
            sscanf(line, "%127s %d %d", phase->name, &phase->haplotype, &phase->region), 3);
        assert_in_range(phase->region, 1, N_REGIONS - 1);
        phase->name[strlen(phase->name) - 2] = '\0'; /* "/0" */
    }
    fclose(file);
    return n;
}

/* The tag HP of the phased reads, 0 where there is none. */
static void find_tags(const struct phase *phases, int n, int tags[MOST_PHASES])
{
    samFile *file = sam_open(copy, "r");
    sam_hdr_t *header = sam_hdr_read(file);
    bam1_t *record = bam_init1();
    memset(tags, 0, MOST_PHASES * sizeof *tags);
    while (sam_read1(file, header, record) >= 0) {
        const uint8_t *hp = bam_aux_get(record, "HP");
        for (int i = 0; i < n && hp != NULL; i++)
            if (strcmp(phases[i].name, bam_get_qname(record)) == 0)
                tags[i] = (int)bam_aux2i(hp);
    }
    bam_destroy1(record);
    sam_hdr_destroy(header);
    sam_close(file);
}

/* Partitions so short, and SNVs so rare, that direct phasing leaves 61 of 254 reads. Of those, 57 find their haplotype, the
 * one that they are tagged with (by partition, as the reads that were phased before have it). */
static void methylation_aware_phasing(void **state)
{
    (void)state;
    static struct phase before[MOST_PHASES], after[MOST_PHASES];
    int tags[MOST_PHASES], agreement[N_REGIONS] = {0}, n_before = 0, n_after = 0;
    struct run run;
    prepare(&run, "before", "chr11:1,265,001-1,295,000", true);
    run.options.regions.partition_size = 5000;
    run.options.partition.candidate.vsc_min_fraction_snps = 0.45;
    perform(&run);
    int n = read_phases(run.phases, before);
    methylation_of(&run)->enable_methylation_calling = true;
    methylation_of(&run)->enable_methylation_aware_phasing = true;
    perform(&run);
    assert_int_equal(n, 254);
    assert_int_equal(read_phases(run.phases, after), n);
    find_tags(before, n, tags);
    for (int i = 0; i < n; i++) {
        n_before += before[i].haplotype == 0;
        n_after += after[i].haplotype == 0;
        if (before[i].haplotype == 0)
            continue;
        assert_int_equal(after[i].haplotype, before[i].haplotype);
        if (tags[i] != 0)
            agreement[before[i].region] += tags[i] == before[i].haplotype ? 1 : -1;
    }
    assert_int_equal(n_before, 61);
    assert_int_equal(n_after, 4);
    for (int i = 0; i < n; i++) {
        bool is_exchanged = agreement[after[i].region] < 0;
        int haplotype = is_exchanged ? 3 - after[i].haplotype : after[i].haplotype;
        if (before[i].haplotype == 0 && after[i].haplotype != 0)
            assert_int_equal(haplotype, tags[i]);
    }
}

/* The positions in a file of positions; negative numbers end partitions. */
static int count_positions(const char *path, int32_t first0, int32_t last0)
{
    FILE *file = fopen(path, "rb");
    int32_t pos0;
    int n = 0;
    assert_non_null(file);
    while (fread(&pos0, sizeof pos0, 1, file) == 1) {
        if (pos0 < 0)
            continue;
        assert_in_range(pos0, first0, last0);
        n++;
    }
    fclose(file);
    return n;
}

/* Methylated sites are positions for phasing only, and none lies in the padding of the partition. */
static void candidate_sweep(void **state)
{
    (void)state;
    struct run run;
    char positions[600];
    prepare(&run, "sweep", "chr11:1,270,001-1,274,000", false);
    snprintf(positions, sizeof positions, "%s/positions", folder.dir);
    run.options.mode = GN_MODE_SWEEP;
    run.options.candidates = run.options.local_read_phasing = NULL;
    run.options.candidate_positions = positions;
    perform(&run);
    assert_int_equal(count_positions(positions, 1270000, 1273999), 3);
    methylation_of(&run)->enable_methylation_calling = true;
    perform(&run);
    assert_int_equal(count_positions(positions, 1270000, 1273999), 3);
    methylation_of(&run)->enable_methylation_aware_phasing = true;
    perform(&run);
    assert_int_equal(count_positions(positions, 1270000, 1273999), 315);
}

static void assert_same_file(const char *ours, const char *others)
{
    FILE *a = fopen(ours, "rb"), *b = fopen(others, "rb");
    assert_non_null(a);
    assert_non_null(b);
    int x, y;
    long n = 0;
    do {
        x = getc(a);
        y = getc(b);
        assert_int_equal(x, y);
        n++;
    } while (y != EOF);
    assert_true(n > 1000);
    fclose(a);
    fclose(b);
}

static void any_number_of_threads(void **state)
{
    (void)state;
    struct run one, five;
    prepare(&one, "one", "chr11:1,265,001-1,275,000", true);
    one.options.regions.partition_size = 1000;
    methylation_of(&one)->enable_methylation_calling = true;
    methylation_of(&one)->enable_methylation_aware_phasing = true;
    one.options.n_threads = 1;
    perform(&one);
    five = one;
    snprintf(five.candidates, sizeof five.candidates, "%s/five.tfrecord.gz", folder.dir);
    snprintf(five.phases, sizeof five.phases, "%s/five.tsv", folder.dir);
    five.options.candidates = five.candidates;
    five.options.local_read_phasing = five.phases;
    five.options.n_threads = 5;
    perform(&five);
    assert_same_file(one.candidates, five.candidates);
    assert_same_file(one.phases, five.phases);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(methylation_calling),       cmocka_unit_test(phasing_takes_the_sites),
        cmocka_unit_test(methylation_aware_phasing), cmocka_unit_test(candidate_sweep),
        cmocka_unit_test(any_number_of_threads),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
