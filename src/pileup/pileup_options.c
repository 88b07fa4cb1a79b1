/* SPDX-License-Identifier: MIT
 *
 * pileup_options.c - settings of images, and which channel lists fit the alt-aligned modes (spec 40 sections 5 and 6).
 */
#include "pileup/alt_aligned.h"
#include "pileup/pileup.h"

enum { ALTS_OF_AN_IMAGE = 2 };

/* What a mode adds to the channel list, and which channel of the list the added ones show. */
static const struct alt_channels {
    const char *mode; /* as in --alt-aligned-pileup */
    int ids[ALTS_OF_AN_IMAGE];
    int shown;
} ALT_CHANNELS[] = {
    [GN_ALT_ALIGNED_NONE] = {"none", {0, 0}, 0},
    [GN_ALT_ALIGNED_BASE_CHANNELS] =
        {"base_channels", {GN_CHANNEL_BASE_CHANNELS_ALT_1, GN_CHANNEL_BASE_CHANNELS_ALT_2}, 0},
    [GN_ALT_ALIGNED_DIFF_CHANNELS] =
        {"diff_channels", {GN_CHANNEL_DIFF_CHANNELS_ALT_1, GN_CHANNEL_DIFF_CHANNELS_ALT_2}, 5},
    [GN_ALT_ALIGNED_ROWS] = {"rows", {0, 0}, 0},
};

struct gn_pileup_options gn_pileup_options_default(void)
{
    return (struct gn_pileup_options){.height = 100,
                                      .width = 221,
                                      .min_mapping_quality = 5,
                                      .min_base_quality = 10,
                                      .shuffle = GN_SHUFFLE_LIBSTDCXX};
}

int gn_pileup_image_height(const struct gn_pileup_options *options)
{
    bool is_stacked = options->alt_aligned == GN_ALT_ALIGNED_ROWS;
    return options->height * (is_stacked ? 1 + ALTS_OF_AN_IMAGE : 1);
}

bool gn_alt_aligned_adds_channels(const struct gn_pileup_options *options)
{
    return ALT_CHANNELS[options->alt_aligned].ids[0] != 0;
}

int gn_alt_aligned_shown(const struct gn_pileup_options *options)
{
    return ALT_CHANNELS[options->alt_aligned].shown;
}

static bool ends_with(const struct gn_pileup_options *options, const int ids[ALTS_OF_AN_IMAGE])
{
    int n = options->n_channels;
    return n >= ALTS_OF_AN_IMAGE && options->channels[n - 2] == ids[0] &&
           options->channels[n - 1] == ids[1];
}

int gn_pileup_add_alt_channels(struct gn_pileup_options *options, gn_error_t *err)
{
    const struct alt_channels *added = &ALT_CHANNELS[options->alt_aligned];
    if (added->ids[0] == 0 || ends_with(options, added->ids))
        return GN_OK;
    if (options->n_channels + ALTS_OF_AN_IMAGE > GN_MAX_CHANNELS)
        return gn_fail(err, GN_E_USAGE,
                       "--alt-aligned-pileup %s: more than %d channels with the two it adds",
                       added->mode, GN_MAX_CHANNELS);
    for (int i = 0; i < ALTS_OF_AN_IMAGE; i++)
        options->channels[options->n_channels++] = added->ids[i];
    return GN_OK;
}

int gn_pileup_check_channels(const struct gn_pileup_options *options, gn_error_t *err)
{
    const struct alt_channels *added = &ALT_CHANNELS[options->alt_aligned];
    bool adds = added->ids[0] != 0;
    int n_drawn = options->n_channels - (adds ? ALTS_OF_AN_IMAGE : 0);
    if (adds && !ends_with(options, added->ids))
        return gn_fail(err, GN_E_USAGE,
                       "--alt-aligned-pileup %s needs a channel list that ends with %s and %s",
                       added->mode, gn_channel_find(added->ids[0])->name,
                       gn_channel_find(added->ids[1])->name);
    for (int i = 0; i < n_drawn; i++) {
        const struct gn_channel *channel = gn_channel_find(options->channels[i]);
        if (channel == NULL)
            return gn_fail(err, GN_E_USAGE,
                           "pileup channel %d is unknown or not available in this version",
                           options->channels[i]);
        if (channel->paint_read == NULL)
            return gn_fail(err, GN_E_USAGE,
                           "channel %s does not fit --alt-aligned-pileup %s: leave it out of the "
                           "channel list, or choose the mode that the model was made for",
                           channel->name, added->mode);
    }
    if (adds && n_drawn <= added->shown)
        return gn_fail(err, GN_E_USAGE,
                       "--alt-aligned-pileup %s shows channel %d of the list, which names only %d",
                       added->mode, added->shown + 1, n_drawn);
    return GN_OK;
}

bool gn_pileup_has_channel(const struct gn_pileup_options *options, int channel)
{
    for (int i = 0; i < options->n_channels; i++)
        if (options->channels[i] == channel)
            return true;
    return false;
}
