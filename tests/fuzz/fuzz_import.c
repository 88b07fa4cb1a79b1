/* SPDX-License-Identifier: MIT
 *
 * fuzz_import.c - libFuzzer target: any bytes as a TensorFlow model must end in a model or in a
 * message. The input's layout is in import_input.h; make_seeds.c writes the first inputs.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cnn/import_tensorflow.h"
#include "import_input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The folder of the process, made at the first input. */
static char folder[64];

static void make_folder(void)
{
    char path[96];
    snprintf(folder, sizeof folder, "%s/gannet-fuzz-XXXXXX",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    if (mkdtemp(folder) == NULL)
        abort();
    snprintf(path, sizeof path, "%s/variables", folder);
    if (mkdir(path, 0700) != 0)
        abort();
    snprintf(path, sizeof path, "%s/variables/variables.data-00000-of-00001", folder);
    if (symlink("variables.data-00000-of-00002", path) != 0)
        abort();
}

static void write_file(const char *name, const uint8_t *data, size_t size)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(data, 1, size, file) != size || fclose(file) != 0)
        abort();
}

/* Writes the files of the input. The folder is a SavedModel; the one inside it counts as a
   checkpoint. */
static void write_files(const uint8_t *data, size_t size)
{
    const uint8_t *next = data + IMPORT_HEADER, *end = data + size;
    for (int i = 0; i < IMPORT_FILES; i++) {
        size_t left = (size_t)(end - next), n = left;
        if (i < IMPORT_FILES - 1) {
            const uint8_t *from = data + 4 * i;
            n = from[0] | (size_t)from[1] << 8 | (size_t)from[2] << 16 | (size_t)from[3] << 24;
            n = n > left ? left : n;
        }
        write_file(import_names[i], next, n);
        next += n;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct gn_import_options options = {
        .preset = "wgs", .shape = {75, 75, 3}, .channels = {1, 2, 3}, .n_channels = 3};
    static const char *const made[] = {"model.json", "weights.safetensors"};
    char source[96], output[96], path[128];
    if (size < IMPORT_HEADER)
        return -1;
    if (folder[0] == '\0')
        make_folder();
    write_files(data, size);
    snprintf(output, sizeof output, "%s/out", folder);
    for (int i = 0; i < 2; i++) {
        gn_error_t err = {0};
        snprintf(source, sizeof source, "%s%s", folder, i == 0 ? "" : "/variables");
        int rc = gn_import_tensorflow(source, &options, output, &err);
        if ((rc == GN_OK) != (err.message[0] == '\0') || rc > 0)
            abort();
        for (int f = 0; f < 2 && rc == GN_OK; f++) {
            snprintf(path, sizeof path, "%s/%s", output, made[f]);
            unlink(path);
        }
        if (rmdir(output) == 0 && rc != GN_OK)
            abort(); /* a failure left something behind */
    }
    return 0;
}
