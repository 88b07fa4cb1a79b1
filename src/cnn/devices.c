/* SPDX-License-Identifier: MIT
 *
 * devices.c - hands the questions on to the driver of this build.
 */
#include "cnn/devices.h"

#include <stdio.h>

#include "cnn/cuda/built_driver.h"

int gn_devices_list(struct gn_device_info *infos, int max, int *n, gn_error_t *err)
{
    const struct gn_device_driver *driver = gn_cuda_driver(err);
    *n = 0;
    return driver == NULL ? GN_E_UNAVAILABLE : driver->list(infos, max, n, err);
}

int gn_devices_describe(char *text, size_t size)
{
    gn_error_t err = {0};
    const struct gn_device_driver *driver = gn_cuda_driver(&err);
    if (driver == NULL) {
        snprintf(text, size, "%s", err.message);
        return GN_E_UNAVAILABLE;
    }
    driver->describe(text, size);
    return GN_OK;
}
