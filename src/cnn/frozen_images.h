/* SPDX-License-Identifier: MIT
 *
 * frozen_images.h - made-up images that are the same on every machine: what an engine is compared on where no real ones are.
 */
#ifndef GN_CNN_FROZEN_IMAGES_H
#define GN_CNN_FROZEN_IMAGES_H

#include <stddef.h>
#include <stdint.h>

/// Draws n pileups: reference rows on top, then one row a read, then empty rows; more rows hold reads from image to image, none
/// in the first and all in the last.
/** In the middle column no read, about half or all of the reads of an image show another base. Channels are taken as those of
    DeepVariant's short reads, further ones as values of a read. Only integers are drawn: no rounding enters.
    @param images  receives n * height * width * channels bytes, channel fastest. Thread-safe. */
void gn_frozen_images(size_t n, int height, int width, int channels, uint8_t *images);

#endif
