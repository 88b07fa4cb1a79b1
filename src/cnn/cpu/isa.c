/* SPDX-License-Identifier: MIT
 *
 * isa.c - which instruction sets this CPU has, and the kernels of each.
 */
#include "cnn/cpu/kernels.h"
#include "cnn/cpu/pool.h"

static const char *const NAMES[GN_ISAS] = {"portable", "avx2", "avx512", "avx512_vnni"};

static const struct gn_kernels *const KERNELS[GN_PRECISIONS][GN_ISAS] = {
    [GN_PRECISION_FLOAT32] =
        {
            [GN_ISA_PORTABLE] = &gn_kernels_float32_portable,
            [GN_ISA_AVX2] = &gn_kernels_float32_avx2,
            [GN_ISA_AVX512] = &gn_kernels_float32_avx512,
        },
    [GN_PRECISION_INT16] =
        {
            [GN_ISA_PORTABLE] = &gn_kernels_int16_portable,
            [GN_ISA_AVX2] = &gn_kernels_int16_avx2,
            [GN_ISA_AVX512] = &gn_kernels_int16_avx512,
            [GN_ISA_AVX512_VNNI] = &gn_kernels_int16_vnni,
        },
    [GN_PRECISION_BF16] =
        {
            [GN_ISA_AVX512] = &gn_kernels_bf16_avx512,
        },
    [GN_PRECISION_INT8] =
        {
            [GN_ISA_PORTABLE] = &gn_kernels_int8_portable,
            [GN_ISA_AVX512_VNNI] = &gn_kernels_int8_vnni,
        },
};

/* What the CPU and the operating system support; the rest is up to the build. */
static bool cpu_has(enum gn_isa isa)
{
    switch (isa) {
#if defined(__x86_64__)
    case GN_ISA_AVX2:
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    case GN_ISA_AVX512:
        return cpu_has(GN_ISA_AVX2) && __builtin_cpu_supports("avx512f") &&
               __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
               __builtin_cpu_supports("avx512dq");
    case GN_ISA_AVX512_VNNI:
        return cpu_has(GN_ISA_AVX512) && __builtin_cpu_supports("avx512vnni");
#endif
    default:
        return isa == GN_ISA_PORTABLE;
    }
}

static bool cpu_has_bf16(void)
{
#if defined(__x86_64__)
    return cpu_has(GN_ISA_AVX512) && __builtin_cpu_supports("avx512bf16");
#else
    return false;
#endif
}

bool gn_isa_available(enum gn_isa isa)
{
    return KERNELS[GN_PRECISION_INT16][isa]->pixels > 0 && cpu_has(isa);
}

enum gn_isa gn_isa_best(void)
{
    enum gn_isa isa = GN_ISAS - 1;
    while (!gn_isa_available(isa))
        isa--;
    return isa;
}

const char *gn_isa_name(enum gn_isa isa)
{
    return NAMES[isa];
}

const struct gn_kernels *gn_kernels_of(enum gn_precision precision, enum gn_isa isa)
{
    if (precision == GN_PRECISION_BF16 && !cpu_has_bf16())
        return NULL;
    for (int i = (int)isa; i >= 0; i--) {
        const struct gn_kernels *kernels = KERNELS[precision][i];
        if (kernels != NULL && kernels->pixels > 0)
            return kernels;
    }
    return NULL;
}

bool gn_precision_available(enum gn_precision precision)
{
    switch (precision) {
    case GN_PRECISION_AUTO:
    case GN_PRECISION_FLOAT32:
    case GN_PRECISION_INT16:
        return true;
    case GN_PRECISION_BF16:
        return gn_kernels_of(precision, gn_isa_best()) != NULL;
    case GN_PRECISION_INT8:
        return gn_isa_available(GN_ISA_AVX512_VNNI);
    default:
        return false;
    }
}

const struct gn_pools *gn_pools_of(enum gn_isa isa)
{
    if (isa >= GN_ISA_AVX512)
        return &gn_pools_avx512;
    return isa == GN_ISA_AVX2 ? &gn_pools_avx2 : &gn_pools_portable;
}
