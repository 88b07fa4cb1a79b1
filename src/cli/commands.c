/* SPDX-License-Identifier: MIT
 *
 * commands.c - the table of commands and the searches in it. A new command is one row here and one
 * cmd_NAME.c.
 */
#include "cli/commands.h"

#include <string.h>

/* A row of the list that `gannet help` prints: a heading or a command. */
static const struct row {
    const char *section;
    const struct gn_command *command;
} rows[] = {
    {"Calling", NULL},
    {NULL, &gn_cmd_call},
    {"DeepVariant's stages", NULL},
    {NULL, &gn_cmd_make_examples},
    {NULL, &gn_cmd_call_variants},
    {NULL, &gn_cmd_postprocess},
    {"Tools", NULL},
    {NULL, &gn_cmd_eval},
    {NULL, &gn_cmd_simulate},
    {NULL, &gn_cmd_model},
    {NULL, &gn_cmd_bench},
    {NULL, &gn_cmd_devices},
    {NULL, &gn_cmd_selftest},
    {NULL, &gn_cmd_help},
};

enum { N_ROWS = sizeof rows / sizeof *rows };

_Static_assert((int)N_ROWS < (int)GN_MOST_COMMANDS, "raise GN_MOST_COMMANDS");

size_t gn_commands_list(const struct gn_command *list[GN_MOST_COMMANDS])
{
    size_t n = 0;
    for (size_t i = 0; i < N_ROWS; i++)
        if (rows[i].command != NULL)
            list[n++] = rows[i].command;
    list[n] = NULL;
    return n;
}

static bool same_name(const char *typed, const char *name)
{
    for (; *typed != '\0' && (*typed == '_' ? '-' : *typed) == *name; typed++)
        name++;
    return *typed == '\0' && *name == '\0';
}

const struct gn_command *gn_commands_find(const char *name, gn_error_t *err)
{
    const struct gn_command *list[GN_MOST_COMMANDS];
    const char *names[GN_MOST_COMMANDS];
    size_t n = gn_commands_list(list);
    for (size_t i = 0; i < n; i++) {
        if (same_name(name, list[i]->name))
            return list[i];
        names[i] = list[i]->name;
    }
    const char *nearest = gn_nearest_name(name, names, n);
    if (nearest != NULL)
        gn_fail(err, GN_E_USAGE, "unknown command '%s': did you mean %s?", name, nearest);
    else
        gn_fail(err, GN_E_USAGE, "unknown command '%s'", name);
    return NULL;
}

void gn_commands_overview(FILE *out)
{
    fputs("\nAbout:   gannet calls small germline variants from aligned reads (BAM, CRAM)\n"
          "         and writes VCF and gVCF\n"
          "Usage:   gannet COMMAND [options]\n",
          out);
    for (size_t i = 0; i < N_ROWS; i++) {
        const struct gn_command *command = rows[i].command;
        if (rows[i].section != NULL)
            fprintf(out, "\n%s:\n", rows[i].section);
        else
            fprintf(out, "  %-16s %s\n", command->name, command->summary);
    }
    fputs("\n'gannet COMMAND --help' explains a command, 'gannet --version' tells versions.\n\n",
          out);
}
