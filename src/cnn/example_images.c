/* SPDX-License-Identifier: MIT
 *
 * example_images.c - checked against the model's shape one by one.
 */
#include "cnn/example_images.h"

#include <stdlib.h>
#include <string.h>

#include "cnn/example_source.h"

static int take_image(struct gn_images *images, const gn_model_t *model, const char *list,
                      const struct gn_example *example, gn_error_t *err)
{
    const int shape[3] = {(int)example->height, (int)example->width, (int)example->channels};
    int rc = gn_model_check_input(model, shape, NULL, list, err);
    if (rc == GN_OK && example->image.len != images->size)
        rc = gn_fail(err, GN_E_DATA, "%s: the image of %s has %zu bytes instead of %zu", list,
                     example->locus, example->image.len, images->size);
    if (rc == GN_OK)
        memcpy(images->bytes + images->n++ * images->size, example->image.data, images->size);
    return rc;
}

int gn_images_read(const char *list, const gn_model_t *model, size_t limit,
                   struct gn_images *images, gn_error_t *err)
{
    const char *first_path;
    images->size = gn_model_image_size(model);
    images->bytes = malloc(limit * images->size);
    if (images->bytes == NULL)
        return gn_fail(err, GN_E_MEMORY, "out of memory for %zu images: lower their number", limit);
    gn_example_source_t *source = gn_example_source_open(list, &first_path, err);
    if (source == NULL)
        return err->code;
    int rc = 1;
    while (rc > 0 && images->n < limit) {
        struct gn_example example = {0};
        rc = gn_example_source_next(source, &example, err);
        if (rc > 0 && take_image(images, model, list, &example, err) != GN_OK)
            rc = err->code;
        gn_example_clear(&example);
    }
    gn_example_source_close(source);
    if (rc >= 0 && images->n == 0)
        return gn_fail(err, GN_E_DATA, "%s: no examples", list);
    return rc < 0 ? rc : GN_OK;
}
