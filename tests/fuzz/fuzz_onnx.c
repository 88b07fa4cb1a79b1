/* SPDX-License-Identifier: MIT
 *
 * fuzz_onnx.c - libFuzzer target: any bytes as an ONNX file must end in a model or in a message.
 * make_onnx_seeds.c writes the first inputs.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cnn/import_onnx.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The folder of the process, made at the first input. */
static char folder[64];

static void make_folder(void)
{
    snprintf(folder, sizeof folder, "%s/gannet-fuzz-XXXXXX",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    if (mkdtemp(folder) == NULL)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct gn_import_options options = {
        .preset = "wgs", .channels = {1, 2, 5}, .n_channels = 3};
    static const char *const made[] = {"model.json", "weights.safetensors"};
    char source[96], output[96], path[128];
    if (folder[0] == '\0')
        make_folder();
    snprintf(source, sizeof source, "%s/network.onnx", folder);
    snprintf(output, sizeof output, "%s/out", folder);
    FILE *file = fopen(source, "wb");
    if (file == NULL || fwrite(data, 1, size, file) != size || fclose(file) != 0)
        abort();
    gn_error_t err = {0};
    int rc = gn_import_onnx(source, &options, output, &err);
    if ((rc == GN_OK) != (err.message[0] == '\0') || rc > 0)
        abort();
    for (int i = 0; i < 2 && rc == GN_OK; i++) {
        snprintf(path, sizeof path, "%s/%s", output, made[i]);
        unlink(path);
    }
    if (rmdir(output) == 0 && rc != GN_OK)
        abort(); /* a failure left something behind */
    return 0;
}
