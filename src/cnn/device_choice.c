/* SPDX-License-Identifier: MIT
 *
 * device_choice.c - the grammar of --device, and what "auto" means on this machine.
 */
#include "cnn/device_choice.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cnn/cuda/built_driver.h"
#include "cnn/cuda/choose_devices.h"

static const char CUDA[] = "cuda", LIST[] = "cuda:";

static int read_place(const char *text, struct gn_device_choice *choice, gn_error_t *err)
{
    choice->place = GN_PLACE_CPU;
    if (text == NULL || strcmp(text, "cpu") == 0)
        return GN_OK;
    choice->place = strcmp(text, "auto") == 0 ? GN_PLACE_AUTO : GN_PLACE_CUDA;
    if (choice->place == GN_PLACE_AUTO || strcmp(text, CUDA) == 0)
        return GN_OK;
    if (strncmp(text, LIST, sizeof LIST - 1) == 0) {
        choice->devices = text + sizeof LIST - 1;
        if (gn_cuda_names_devices(choice->devices))
            return GN_OK;
        return gn_fail(err, GN_E_USAGE,
                       "--device '%s': say the numbers of GPUs, each once, as in cuda:0,1, or "
                       "cuda:all",
                       text);
    }
    return gn_fail(err, GN_E_USAGE,
                   "--device '%s': say cpu, cuda, cuda:0,1 (the GPUs of these numbers), cuda:all "
                   "or auto",
                   text);
}

int gn_device_choice_read(const char *text, const char *cpu_engine, int device_batch,
                          struct gn_device_choice *choice, gn_error_t *err)
{
    *choice = (struct gn_device_choice){.cpu_engine = cpu_engine, .device_batch = device_batch};
    int rc = read_place(text, choice, err);
    if (rc != GN_OK)
        return rc;
    if (choice->place == GN_PLACE_CUDA && cpu_engine != NULL && strcmp(cpu_engine, "cpu") != 0)
        return gn_fail(err, GN_E_USAGE,
                       "--device %s: --engine %s is for the CPU: leave one of the two out", text,
                       cpu_engine);
    if (choice->place == GN_PLACE_CPU && device_batch != 0)
        return gn_fail(err, GN_E_USAGE,
                       "--device cpu: --device-batch is for GPUs: leave it out, or say --device "
                       "cuda");
    return GN_OK;
}

int gn_device_find_usable(gn_error_t *err)
{
    int n;
    const struct gn_device_driver *driver = gn_cuda_driver(err);
    if (driver == NULL)
        return GN_E_UNAVAILABLE;
    struct gn_device_info *first = calloc(GN_CUDA_MAX_DEVICES, sizeof *first);
    if (first == NULL)
        return gn_fail_memory(err, "the list of GPUs");
    int rc = gn_cuda_choose_devices(driver, NULL, first, &n, err);
    free(first);
    return rc;
}

void gn_device_choice_settle(const struct gn_device_choice *choice,
                             struct gn_network_options *options, char *why_no_gpu, size_t size)
{
    gn_error_t reason = {0};
    bool on_gpu = choice->place == GN_PLACE_CUDA ||
                  (choice->place == GN_PLACE_AUTO && gn_device_find_usable(&reason) >= 0);
    snprintf(why_no_gpu, size, "%s", on_gpu ? "" : reason.message);
    options->engine = on_gpu ? "cuda" : choice->cpu_engine != NULL ? choice->cpu_engine : "cpu";
    options->devices = on_gpu ? choice->devices : NULL;
    options->device_batch = on_gpu ? choice->device_batch : 0;
}
