/* SPDX-License-Identifier: MIT
 *
 * make_seeds.c - first inputs of fuzz_import: a narrow Inception v3, its faulty relatives, and the
 * SavedModel folders named on the command line.
 *
 *   make_seeds CORPUS [SAVED_MODEL ...]
 */
#include <sys/stat.h>
#include <unistd.h>

#include "../unit/narrow_checkpoint.h"
#include "import_input.h"

static void append_file(struct bytes *all, const char *path)
{
    uint8_t chunk[4096];
    size_t n;
    FILE *file = fopen(path, "rb");
    while (file != NULL && (n = fread(chunk, 1, sizeof chunk, file)) > 0)
        put(all, chunk, n);
    if (file != NULL)
        fclose(file);
}

/* Packs a SavedModel folder. */
static void pack(const char *model, const char *seed)
{
    struct bytes files = {0}, all = {0};
    size_t before = 0;
    for (int i = 0; i < IMPORT_FILES; i++) {
        char path[512];
        snprintf(path, sizeof path, "%s/%s", model, import_names[i]);
        append_file(&files, path);
        if (i < IMPORT_FILES - 1)
            put_le(&all, files.n - before, 4);
        before = files.n;
    }
    put(&all, files.data, files.n);
    write_bytes(seed, &all);
    free(files.data);
    free(all.data);
}

int main(int argc, char **argv)
{
    static const struct narrow_checkpoint kinds[] = {
        {.swapped = -1, .thin = true},
        {.swapped = 60, .thin = true},
        {.swapped = -1, .thin = true, .as_list = true},
        {.swapped = -1, .thin = true, .omitted = "layer_with_weights-21/moving_variance"},
        {.swapped = -1,
         .thin = true,
         .nameless = true,
         .spoilt = "layer_with_weights-1/",
         .value = -1},
    };
    char folder[] = "/tmp/gannet-seeds-XXXXXX", path[512], prefix[128];
    if (argc < 2 || mkdtemp(folder) == NULL)
        return 1;
    mkdir(argv[1], 0777);
    snprintf(path, sizeof path, "%s/variables", folder);
    mkdir(path, 0777);
    snprintf(prefix, sizeof prefix, "%s/variables/variables", folder);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        write_narrow(prefix, &kinds[i]);
        snprintf(path, sizeof path, "%s/narrow-%zu", argv[1], i);
        pack(folder, path);
    }
    for (int i = 2; i < argc; i++) {
        snprintf(path, sizeof path, "%s/given-%d", argv[1], i);
        pack(argv[i], path);
    }
    for (int i = 0; i < IMPORT_FILES; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, import_names[i]);
        unlink(path);
    }
    snprintf(path, sizeof path, "%s/variables", folder);
    rmdir(path);
    rmdir(folder);
    return 0;
}
