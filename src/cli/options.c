/* SPDX-License-Identifier: MIT
 *
 * options.c - fills a command's struct from its arguments, by the command's option table.
 *
 * Own parser and not getopt_long: absl's spellings (-name, --noname, underscores), checked numbers
 * and messages that name the nearest option are what DeepVariant's users need. Printing the table
 * is options_help.c's and options_export.c's matter.
 */
#include "cli/options.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct parser {
    const struct gn_option *options;
    char **argv;
    int argc, next; /* argv[next] is the next argument to look at */
    void *values;
    bool *seen; /* per table row: given by the user */
    gn_error_t *err;
};

static bool is_option(const struct gn_option *option)
{
    return option->kind != GN_OPTION_GROUP;
}

static bool same_name(const char *word, size_t length, const char *name)
{
    if (strlen(name) != length)
        return false;
    for (size_t i = 0; i < length; i++)
        if ((word[i] == '_' ? '-' : word[i]) != name[i])
            return false;
    return true;
}

static const struct gn_option *find_name(const struct gn_option *options, const char *word,
                                         size_t length)
{
    for (; options->kind != GN_OPTION_END; options++)
        if (is_option(options) && same_name(word, length, options->name))
            return options;
    return NULL;
}

static const struct gn_option *find_letter(const struct gn_option *options, char letter)
{
    for (; options->kind != GN_OPTION_END; options++)
        if (is_option(options) && options->letter != '\0' && options->letter == letter)
            return options;
    return NULL;
}

/* The switch that --noNAME and --no-NAME turn off. */
static const struct gn_option *find_negated(const struct gn_option *options, const char *word,
                                            size_t length)
{
    if (length < 3 || strncmp(word, "no", 2) != 0)
        return NULL;
    size_t skip = word[2] == '-' || word[2] == '_' ? 3 : 2;
    const struct gn_option *option = find_name(options, word + skip, length - skip);
    return option != NULL && option->kind == GN_OPTION_FLAG ? option : NULL;
}

static void *field_of(const struct parser *parser, const struct gn_option *option)
{
    return (char *)parser->values + option->offset;
}

static int set_flag(const struct parser *parser, const struct gn_option *option, const char *text)
{
    static const char *const yes[] = {"true", "t", "yes", "y", "1"};
    static const char *const no[] = {"false", "f", "no", "n", "0"};
    bool value = text == NULL;
    bool understood = text == NULL;
    for (size_t i = 0; !understood && i < sizeof yes / sizeof *yes; i++) {
        value = strcasecmp(text, yes[i]) == 0;
        understood = value || strcasecmp(text, no[i]) == 0;
    }
    if (!understood)
        return gn_fail(parser->err, GN_E_USAGE, "--%s: '%s' is neither true nor false",
                       option->name, text);
    if (!(option->flags & GN_OPTION_IGNORED))
        *(bool *)field_of(parser, option) = value;
    return GN_OK;
}

static int check_range(const struct parser *parser, const struct gn_option *option, double value,
                       const char *text)
{
    bool unchecked = option->min == 0 && option->max == 0;
    if (unchecked || (value >= option->min && value <= option->max))
        return GN_OK;
    return gn_fail(parser->err, GN_E_USAGE, "--%s: %s is not in %.15g..%.15g", option->name, text,
                   option->min, option->max);
}

static int set_int(const struct parser *parser, const struct gn_option *option, const char *text)
{
    char *end;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (end == text || *end != '\0' || isspace((unsigned char)*text))
        return gn_fail(parser->err, GN_E_USAGE, "--%s: '%s' is not a whole number%s", option->name,
                       text, end != text && *end == ',' ? "; leave out the commas" : "");
    if (errno == ERANGE)
        return gn_fail(parser->err, GN_E_USAGE, "--%s: %s is out of range", option->name, text);
    int ret = check_range(parser, option, (double)value, text);
    if (ret == GN_OK && !(option->flags & GN_OPTION_IGNORED))
        *(int64_t *)field_of(parser, option) = value;
    return ret;
}

static int set_real(const struct parser *parser, const struct gn_option *option, const char *text)
{
    char *end;
    double value = strtod(text, &end);
    if (end == text || *end != '\0' || isspace((unsigned char)*text) || !isfinite(value))
        return gn_fail(parser->err, GN_E_USAGE, "--%s: '%s' is not a number", option->name, text);
    int ret = check_range(parser, option, value, text);
    if (ret == GN_OK && !(option->flags & GN_OPTION_IGNORED))
        *(double *)field_of(parser, option) = value;
    return ret;
}

static bool is_choice(const char *choices, const char *text)
{
    size_t length = strlen(text);
    while (length > 0) {
        size_t n = strcspn(choices, "|");
        if (n == length && memcmp(choices, text, n) == 0)
            return true;
        if (choices[n] == '\0')
            break;
        choices += n + 1;
    }
    return false;
}

static int set_text(const struct parser *parser, const struct gn_option *option, const char *text)
{
    if (option->kind == GN_OPTION_CHOICE && !is_choice(option->choices, text))
        return gn_fail(parser->err, GN_E_USAGE, "--%s: '%s' is not one of %s", option->name, text,
                       option->choices);
    if ((option->flags & GN_OPTION_REQUIRED) && *text == '\0')
        return gn_fail(parser->err, GN_E_USAGE, "--%s: the value is empty", option->name);
    if (!(option->flags & GN_OPTION_IGNORED))
        *(const char **)field_of(parser, option) = text;
    return GN_OK;
}

/* text: NULL for a flag that stands alone. */
static int set_value(const struct parser *parser, const struct gn_option *option, const char *text)
{
    switch (option->kind) {
    case GN_OPTION_FLAG:
        return set_flag(parser, option, text);
    case GN_OPTION_INT:
        return set_int(parser, option, text);
    case GN_OPTION_REAL:
        return set_real(parser, option, text);
    default:
        return set_text(parser, option, text);
    }
}

/* Tells a forgotten value from a value that begins with a dash, such as -5 or "-" for standard
 * output. */
static bool looks_like_option(const struct parser *parser, const char *word)
{
    if (word[0] != '-' || word[1] == '\0')
        return false;
    if (word[1] == '-')
        return true;
    const char *name = word + 1;
    size_t length = strcspn(name, "=");
    return find_name(parser->options, name, length) != NULL ||
           find_negated(parser->options, name, length) != NULL ||
           find_letter(parser->options, name[0]) != NULL;
}

/* The value of an option that needs one: attached to it, or else the next argument. NULL when there
 * is none. */
static const char *take_value(struct parser *parser, const char *attached)
{
    if (attached != NULL)
        return attached;
    if (parser->next >= parser->argc || looks_like_option(parser, parser->argv[parser->next]))
        return NULL;
    return parser->argv[parser->next++];
}

static int set_option(struct parser *parser, const struct gn_option *option, const char *attached)
{
    parser->seen[option - parser->options] = true;
    const char *text = option->kind == GN_OPTION_FLAG ? attached : take_value(parser, attached);
    if (text == NULL && option->kind != GN_OPTION_FLAG)
        return gn_fail(parser->err, GN_E_USAGE, "--%s needs a value (%s)", option->name,
                       option->metavar != NULL ? option->metavar : option->choices);
    return set_value(parser, option, text);
}

static int fail_unknown(const struct parser *parser, const char *word, const char *name,
                        size_t length)
{
    enum { MOST = 256 };
    const char *names[MOST];
    size_t n = 0;
    for (const struct gn_option *o = parser->options; o->kind != GN_OPTION_END && n < MOST; o++)
        if (is_option(o) && !(o->flags & GN_OPTION_IGNORED))
            names[n++] = o->name;
    char typed[64];
    snprintf(typed, sizeof typed, "%.*s", (int)(length < sizeof typed ? length : sizeof typed),
             name);
    const char *nearest = gn_nearest_name(typed, names, n);
    int shown = (int)(name - word + (ptrdiff_t)length);
    if (nearest != NULL)
        return gn_fail(parser->err, GN_E_USAGE, "unknown option %.*s: did you mean --%s?", shown,
                       word, nearest);
    return gn_fail(parser->err, GN_E_USAGE, "unknown option %.*s", shown, word);
}

static int parse_option(struct parser *parser)
{
    const char *word = parser->argv[parser->next++];
    bool one_dash = word[1] != '-';
    const char *name = word + (one_dash ? 1 : 2);
    size_t length = strcspn(name, "=");
    const char *attached = name[length] == '=' ? name + length + 1 : NULL;

    const struct gn_option *option = find_name(parser->options, name, length);
    if (option != NULL)
        return set_option(parser, option, attached);
    option = find_negated(parser->options, name, length);
    if (option != NULL && attached == NULL)
        return set_option(parser, option, "false");
    option = one_dash ? find_letter(parser->options, name[0]) : NULL;
    if (option != NULL && name[1] == '\0')
        return set_option(parser, option, NULL);
    if (option != NULL && option->kind != GN_OPTION_FLAG)
        return set_option(parser, option, name + (name[1] == '=' ? 2 : 1));
    return fail_unknown(parser, word, name, length);
}

static bool wants_help(const struct parser *parser)
{
    for (int i = 1; i < parser->argc && strcmp(parser->argv[i], "--") != 0; i++) {
        const char *word = parser->argv[i];
        if (strcmp(word, "--help") == 0 || strcmp(word, "-help") == 0)
            return true;
        if (strcmp(word, "-h") == 0 && find_letter(parser->options, 'h') == NULL)
            return true;
    }
    return false;
}

static int check_required(const struct parser *parser)
{
    char list[512] = "";
    size_t used = 0;
    for (const struct gn_option *o = parser->options; o->kind != GN_OPTION_END; o++) {
        if (!is_option(o) || !(o->flags & GN_OPTION_REQUIRED) || parser->seen[o - parser->options])
            continue;
        int n = snprintf(list + used, sizeof list - used, "%s--%s %s", used > 0 ? ", " : "",
                         o->name, o->metavar != NULL ? o->metavar : o->choices);
        if (n < 0 || (size_t)n >= sizeof list - used)
            break;
        used += (size_t)n;
    }
    return used == 0 ? GN_OK : gn_fail(parser->err, GN_E_USAGE, "missing: %s", list);
}

static int parse_all(struct parser *parser, const char **positional, int max_positional,
                     int *n_positional)
{
    bool only_positional = false;
    while (parser->next < parser->argc) {
        const char *word = parser->argv[parser->next];
        int ret = GN_OK;
        if (!only_positional && strcmp(word, "--") == 0) {
            only_positional = true;
            parser->next++;
        } else if (!only_positional && word[0] == '-' && word[1] != '\0') {
            ret = parse_option(parser);
        } else if (*n_positional < max_positional) {
            positional[(*n_positional)++] = word;
            parser->next++;
        } else {
            ret = gn_fail(parser->err, GN_E_USAGE, "unexpected argument '%s'", word);
        }
        if (ret != GN_OK)
            return ret;
    }
    return check_required(parser);
}

int gn_options_parse(const struct gn_command *command, int argc, char **argv, void *values,
                     const char **positional, int max_positional, int *n_positional, bool *help,
                     gn_error_t *err)
{
    struct parser parser = {
        .options = command->options,
        .argv = argv,
        .argc = argc,
        .next = 1,
        .values = values,
        .err = err,
    };
    int found = 0;
    *help = wants_help(&parser);
    if (n_positional != NULL)
        *n_positional = 0;
    if (*help)
        return GN_OK;
    size_t n_rows = 1;
    while (command->options[n_rows - 1].kind != GN_OPTION_END)
        n_rows++;
    parser.seen = calloc(n_rows, sizeof *parser.seen);
    if (parser.seen == NULL)
        return gn_fail_memory(err, "the option table");
    int ret = parse_all(&parser, positional, max_positional, &found);
    free(parser.seen);
    if (n_positional != NULL)
        *n_positional = found;
    return ret;
}

int gn_options_set(const struct gn_command *command, const char *name, const char *text,
                   void *values, gn_error_t *err)
{
    struct parser parser = {.options = command->options, .values = values, .err = err};
    const struct gn_option *option = find_name(command->options, name, strlen(name));
    if (option == NULL)
        return gn_fail(err, GN_E_USAGE, "'gannet %s' has no such option", command->name);
    return set_value(&parser, option, text);
}
