/* SPDX-License-Identifier: MIT
 *
 * options.h - one table per command makes the parser, the --help text, the man page, the
 * completions and the JSON.
 *
 * Accepted spellings: --name value, --name=value, -n value, -nvalue, --flag, --noflag, --no-flag,
 * --flag=true|false|1|0; '-' and '_' in names are the same (DeepVariant's users type underscores);
 * a single dash before a long name works as in absl. "--" ends the options. Of a repeated option
 * the last one wins.
 */
#ifndef GN_CLI_OPTIONS_H
#define GN_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/error.h"

enum gn_option_kind {
    GN_OPTION_END = 0, /* ends a table */
    GN_OPTION_GROUP,   /* a heading in --help; only `help` is used */
    GN_OPTION_FLAG,    /* bool */
    GN_OPTION_INT,     /* int64_t, range checked */
    GN_OPTION_REAL,    /* double, range checked */
    GN_OPTION_TEXT,    /* const char *, points into argv */
    GN_OPTION_CHOICE,  /* const char *, one of `choices` ("a|b|c") */
};

enum gn_option_flags {
    GN_OPTION_REQUIRED = 1,
    GN_OPTION_HIDDEN = 2,  /* parsed, documented in the man page only, not in --help */
    GN_OPTION_IGNORED = 4, /* accepted for DeepVariant's sake, has no effect (help says so) */
};

/// One option. Defaults are the values that the struct has before parsing; `fallback` is their text
/// for --help.
struct gn_option {
    enum gn_option_kind kind;
    char letter;          /* short name or 0 */
    const char *name;     /* long name with '-' */
    const char *metavar;  /* FILE, INT, ...; NULL for flags; NULL for a CHOICE shows the choices */
    size_t offset;        /* of the field in the command's struct */
    const char *fallback; /* default as shown in brackets, NULL none */
    const char *help;     /* one sentence, no final full stop */
    double min, max;      /* of INT and REAL; both 0: unchecked */
    const char *choices;  /* of CHOICE */
    unsigned flags;
};

/// A command: its name, what it is for, its options and examples for the end of --help.
struct gn_command {
    const char *name;    /* as typed: "make-examples" */
    const char *summary; /* a few words for the list of commands */
    const char *about;   /* a paragraph for --help; wrapped by the printer */
    const char *usage;   /* what follows "gannet NAME": "--ref FILE --reads FILE [options]" */
    const struct gn_option *options;
    const char *examples; /* printed as it stands; NULL none */
    int (*run)(int argc, char **argv,
               gn_error_t *err); /* argv[0] is the command's name; returns a gn_status */
};

/// Parses argv[1..] into the struct at `values`. Unknown options name the nearest known one;
/// GN_E_USAGE.
/** @param help        set when --help was asked for (nothing else is then checked)
    @param positional  receives positional arguments in order, up to max_positional; more are
   GN_E_USAGE */
int gn_options_parse(const struct gn_command *command, int argc, char **argv, void *values,
                     const char **positional, int max_positional, int *n_positional, bool *help,
                     gn_error_t *err);

/// Sets one option of the struct at `values` as if it had been given, '-' and '_' being the same. GN_E_USAGE when there is no
/// such option or the text is no value of it.
int gn_options_set(const struct gn_command *command, const char *name, const char *text,
                   void *values, gn_error_t *err);

/// --help of a command: About, Usage, groups, examples; 80 columns.
void gn_options_help(const struct gn_command *command, FILE *out);

/// The command's page for man(1), in troff's man macros.
void gn_options_man(const struct gn_command *command, const char *version, FILE *out);

/// The table as one JSON object, for wrapper generators (Galaxy, WDL). GN_E_MEMORY.
int gn_options_json(const struct gn_command *command, FILE *out, gn_error_t *err);

/// A bash completion script for all commands of a NULL-ended list.
void gn_options_bash_completion(const struct gn_command *const *commands, FILE *out);

/// The nearest name in a list by edit distance, NULL when none is close. Used for commands and
/// options.
const char *gn_nearest_name(const char *word, const char *const *names, size_t n);

#endif
