/* SPDX-License-Identifier: MIT
 *
 * isa.c - which convolution kernel this CPU gets.
 */
#include "cnn/cpu/conv.h"

bool gn_isa_available(enum gn_isa isa)
{
    switch (isa) {
    case GN_ISA_PORTABLE:
        return true;
#if defined(__x86_64__)
    case GN_ISA_AVX2:
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    case GN_ISA_AVX512:
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
               __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("fma");
#endif
    default:
        return false;
    }
}

enum gn_isa gn_isa_best(void)
{
    if (gn_isa_available(GN_ISA_AVX512))
        return GN_ISA_AVX512;
    return gn_isa_available(GN_ISA_AVX2) ? GN_ISA_AVX2 : GN_ISA_PORTABLE;
}

gn_conv_kernel *gn_conv_kernel_of(enum gn_isa isa)
{
    switch (isa) {
    case GN_ISA_AVX512:
        return gn_conv_avx512;
    case GN_ISA_AVX2:
        return gn_conv_avx2;
    default:
        return gn_conv_portable;
    }
}
