/* SPDX-License-Identifier: MIT
 *
 * cmd_devices.c - `gannet devices`: where the network could run, and why a GPU cannot be used.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cnn/cpu/tile.h"
#include "cnn/cuda/choose_devices.h"
#include "cnn/device_choice.h"
#include "cnn/devices.h"
#include "cnn/precision.h"

struct devices_args {
    const char *require;
    bool json;
};

static const struct gn_option options[] = {
    {GN_OPTION_CHOICE, .name = "require", .offset = offsetof(struct devices_args, require),
     .choices = "cuda", .help = "Fail with status 69 when no device of this kind can be used"},
    {GN_OPTION_FLAG, .name = "json", .offset = offsetof(struct devices_args, json),
     .help = "Print JSON instead of a table; memory is in bytes"},
    {GN_OPTION_END},
};

/* What was found out before anything is printed. */
struct findings {
    struct gn_device_info *gpus; /* [n] */
    int n;
    gn_error_t failure; /* why no GPU can be seen; code GN_OK: they could */
    char versions[512];
    bool is_built; /* with CUDA */
    long cpu_threads;
};

static int look(struct findings *found, gn_error_t *err)
{
    found->gpus = calloc(GN_CUDA_MAX_DEVICES, sizeof *found->gpus);
    if (found->gpus == NULL)
        return gn_fail_memory(err, "the list of GPUs");
    found->is_built = gn_engine_is_built("cuda");
    found->cpu_threads = sysconf(_SC_NPROCESSORS_ONLN);
    int rc = gn_devices_describe(found->versions, sizeof found->versions);
    if (rc != GN_OK && found->is_built)
        return gn_fail(err, rc, "%s", found->versions);
    rc = gn_devices_list(found->gpus, GN_CUDA_MAX_DEVICES, &found->n, &found->failure);
    found->failure.code = rc;
    if (rc == GN_OK && found->n == 0)
        found->failure.code = gn_fail(&found->failure, GN_E_UNAVAILABLE, "there is no GPU");
    if (rc != GN_OK && rc != GN_E_UNAVAILABLE)
        *err = found->failure;
    return rc == GN_E_UNAVAILABLE ? GN_OK : rc;
}

static void print_memory(const struct gn_device_info *gpu)
{
    const double gigabyte = 1e9;
    if (gpu->memory_total == 0)
        printf(" %15s", "-");
    else
        printf(" %5.1f of %5.1f GB", (double)gpu->memory_free / gigabyte,
               (double)gpu->memory_total / gigabyte);
}

static void print_gpu(const struct gn_device_info *gpu)
{
    enum { LONGEST = 16 };
    char device[LONGEST], compute[LONGEST];
    snprintf(device, sizeof device, "cuda:%d", gpu->number);
    snprintf(compute, sizeof compute, "%d.%d", gpu->compute_major, gpu->compute_minor);
    printf("%-8s %-32s %7s", device, gpu->name, compute);
    print_memory(gpu);
    printf("  %s%s\n", gpu->usable ? "yes" : "no: ", gpu->usable ? "" : gpu->reason);
}

static void print_table(const struct findings *found)
{
    char cpu[64];
    snprintf(cpu, sizeof cpu, "%s, %ld threads", gn_isa_name(gn_isa_best()), found->cpu_threads);
    printf("%-8s %-32s %7s %15s  %s\n", "device", "name", "compute", "memory free", "usable");
    printf("%-8s %-32s %7s %15s  yes\n", "cpu", cpu, "-", "-");
    for (int i = 0; i < found->n; i++)
        print_gpu(&found->gpus[i]);
    if (found->failure.code != GN_OK)
        printf("%-8s none: %s\n", "cuda", found->failure.message);
    if (found->is_built)
        printf("\n%s\n", found->versions);
}

static json_t *cpu_as_json(const struct findings *found)
{
    json_t *types = json_array();
    for (int p = GN_PRECISION_FLOAT32; p < GN_PRECISIONS; p++)
        if (gn_precision_available((enum gn_precision)p))
            json_array_append_new(types, json_string(gn_precision_name((enum gn_precision)p)));
    return json_pack("{s:s, s:s, s:i, s:o, s:b}", "device", "cpu", "instruction_set",
                     gn_isa_name(gn_isa_best()), "threads", (int)found->cpu_threads, "precisions",
                     types, "usable", 1);
}

static json_t *gpu_as_json(const struct gn_device_info *gpu)
{
    enum { LONGEST = 16 };
    char device[LONGEST], compute[LONGEST];
    snprintf(device, sizeof device, "cuda:%d", gpu->number);
    snprintf(compute, sizeof compute, "%d.%d", gpu->compute_major, gpu->compute_minor);
    return json_pack("{s:s, s:s, s:s, s:I, s:I, s:i, s:b, s:s}", "device", device, "name",
                     gpu->name, "compute_capability", compute, "memory_free",
                     (json_int_t)gpu->memory_free, "memory_total", (json_int_t)gpu->memory_total,
                     "multiprocessors", gpu->multiprocessors, "usable", (int)gpu->usable, "reason",
                     gpu->reason);
}

static int print_json(const struct findings *found, gn_error_t *err)
{
    json_t *devices = json_array();
    bool complete = json_array_append_new(devices, cpu_as_json(found)) == 0;
    for (int i = 0; i < found->n; i++)
        complete = json_array_append_new(devices, gpu_as_json(&found->gpus[i])) == 0 && complete;
    json_t *root = json_pack(
        "{s:o, s:{s:b, s:s, s:s}}", "devices", devices, "cuda", "built", (int)found->is_built,
        "versions", found->is_built ? found->versions : "", "reason", found->failure.message);
    complete = complete && root != NULL &&
               json_dumpf(root, stdout, JSON_INDENT(2) | JSON_ENSURE_ASCII) == 0;
    json_decref(root);
    putchar('\n');
    return complete ? GN_OK : gn_fail(err, GN_E_IO, "cannot write to standard output");
}

static int check_required(const struct devices_args *args, gn_error_t *err)
{
    if (args->require == NULL)
        return GN_OK;
    int rc = gn_device_find_usable(err);
    return rc == GN_OK ? GN_OK : gn_error_prefix(err, "--require %s", args->require);
}

static int run(int argc, char **argv, gn_error_t *err)
{
    struct devices_args args = {.require = NULL};
    struct findings found = {.n = 0};
    bool help;
    int rc = gn_options_parse(&gn_cmd_devices, argc, argv, &args, NULL, 0, NULL, &help, err);
    if (rc != GN_OK)
        return rc;
    if (help) {
        gn_options_help(&gn_cmd_devices, stdout);
        return GN_OK;
    }
    rc = look(&found, err);
    if (rc == GN_OK && args.json)
        rc = print_json(&found, err);
    else if (rc == GN_OK)
        print_table(&found);
    free(found.gpus);
    return rc == GN_OK ? check_required(&args, err) : rc;
}

const struct gn_command gn_cmd_devices = {
    .name = "devices",
    .summary = "CPU and GPUs that the network can run on",
    .about = "Lists where the network can run, by the names that --device takes, and why a GPU "
             "cannot be used. That there is no GPU is an answer, not a failure, unless one is "
             "required",
    .usage = "[options]",
    .options = options,
    .examples = "  gannet devices\n"
                "  gannet devices --require cuda >/dev/null && gannet call --device cuda ...",
    .run = run,
};
