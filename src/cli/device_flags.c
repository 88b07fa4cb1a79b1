/* SPDX-License-Identifier: MIT
 *
 * device_flags.c - from option values to the library's choice.
 */
#include "cli/device_flags.h"

struct device_flags device_flags_default(void)
{
    return (struct device_flags){.device = "cpu", .engine = "cpu"};
}

int device_flags_read(const struct device_flags *flags, struct gn_device_choice *choice,
                      gn_error_t *err)
{
    return gn_device_choice_read(flags->device, flags->engine, (int)flags->device_batch, choice,
                                 err);
}
