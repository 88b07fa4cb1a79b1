/* SPDX-License-Identifier: MIT
 *
 * choose_devices.c - reads the numbers and looks them up in the driver's list.
 */
#include "cnn/cuda/choose_devices.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_DIGITS = 4 };

struct numbers {
    int v[GN_CUDA_MAX_DEVICES];
    int n;
};

static bool has_number(const struct numbers *numbers, int number)
{
    for (int i = 0; i < numbers->n; i++)
        if (numbers->v[i] == number)
            return true;
    return false;
}

/* Digits, commas between them. False: something else, a number twice, too many. */
static bool parse_numbers(const char *text, struct numbers *numbers)
{
    numbers->n = 0;
    for (;;) {
        int number = 0, digits = 0;
        for (; *text >= '0' && *text <= '9' && digits < MAX_DIGITS; text++, digits++)
            number = 10 * number + (*text - '0');
        if (digits == 0 || numbers->n == GN_CUDA_MAX_DEVICES || has_number(numbers, number))
            return false;
        numbers->v[numbers->n++] = number;
        if (*text == '\0')
            return true;
        if (*text++ != ',')
            return false;
    }
}

static int refuse(const struct gn_device_info *info, gn_error_t *err)
{
    return gn_fail(err, GN_E_UNAVAILABLE, "GPU %d (%s) cannot be used: %s", info->number,
                   info->name, info->reason);
}

static int choose_usable(const struct gn_device_info *infos, int n_infos, bool all,
                         struct gn_device_info *chosen, int *n, gn_error_t *err)
{
    for (int i = 0; i < n_infos && (all || *n == 0); i++)
        if (infos[i].usable)
            chosen[(*n)++] = infos[i];
    if (*n > 0)
        return GN_OK;
    if (n_infos > 0)
        return refuse(&infos[0], err);
    return gn_fail(err, GN_E_UNAVAILABLE,
                   "no GPU is visible: check CUDA_VISIBLE_DEVICES and 'nvidia-smi', or use "
                   "--device cpu");
}

static int choose_numbers(const struct gn_device_info *infos, int n_infos,
                          const struct numbers *numbers, struct gn_device_info *chosen, int *n,
                          gn_error_t *err)
{
    for (int k = 0; k < numbers->n; k++) {
        int i = 0;
        while (i < n_infos && infos[i].number != numbers->v[k])
            i++;
        if (i == n_infos)
            return gn_fail(err, GN_E_UNAVAILABLE,
                           "there is no GPU %d: %d are visible, see 'nvidia-smi' and "
                           "CUDA_VISIBLE_DEVICES",
                           numbers->v[k], n_infos);
        if (!infos[i].usable)
            return refuse(&infos[i], err);
        chosen[(*n)++] = infos[i];
    }
    return GN_OK;
}

bool gn_cuda_names_devices(const char *text)
{
    struct numbers numbers;
    return strcmp(text, "all") == 0 || parse_numbers(text, &numbers);
}

int gn_cuda_choose_devices(const struct gn_device_driver *driver, const char *asked,
                           struct gn_device_info *chosen, int *n, gn_error_t *err)
{
    struct numbers numbers;
    bool by_number = asked != NULL && strcmp(asked, "all") != 0;
    int n_infos = 0;
    *n = 0;
    if (by_number && !parse_numbers(asked, &numbers))
        return gn_fail(err, GN_E_USAGE,
                       "'%s' names no GPUs: say numbers with commas between them, each once, as "
                       "in 0,1, or all",
                       asked);
    struct gn_device_info *infos = calloc(GN_CUDA_MAX_DEVICES, sizeof *infos);
    if (infos == NULL)
        return gn_fail_memory(err, "the list of GPUs");
    int rc = driver->list(infos, GN_CUDA_MAX_DEVICES, &n_infos, err);
    if (rc == GN_OK)
        rc = by_number ? choose_numbers(infos, n_infos, &numbers, chosen, n, err)
                       : choose_usable(infos, n_infos, asked != NULL, chosen, n, err);
    free(infos);
    return rc;
}
