/* SPDX-License-Identifier: MIT
 *
 * make_onnx_seeds.c - first inputs of fuzz_onnx: a small network in all spellings.
 *
 *   make_onnx_seeds CORPUS
 */
#include <sys/stat.h>

#include "../unit/onnx_spelling.h"

int main(int argc, char **argv)
{
    char path[512];
    if (argc != 2)
        return 2;
    mkdir(argv[1], 0777);
    for (int i = 0; i < 64; i++) {
        struct spelling how = {
            .is_nhwc = i & 1,
            .has_pad = i & 2,
            .is_reduced = i & 4,
            .is_reshaped = i & 8,
            .has_matmul = i & 16,
            .has_mul = i & 32,
            .type = (i & 3) == 3 ? ONNX_UINT8 : ONNX_FLOAT32,
            .normalisation = {(i & 3) == 3 ? 128 : 0, (i & 3) == 3 ? 128 : 0},
        };
        snprintf(path, sizeof path, "%s/small-%d", argv[1], i);
        write_graph(path, &how);
    }
    return 0;
}
