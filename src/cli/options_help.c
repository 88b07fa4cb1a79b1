/* SPDX-License-Identifier: MIT
 *
 * options_help.c - the --help text of a command: About, Usage, option groups, examples; 80 columns.
 */
#include "cli/options.h"

#include <string.h>

enum {
    LINE_WIDTH = 80,
    LABEL_INDENT = 9, /* after "About:" and "Usage:" */
    TEXT_COLUMN = 30, /* where the options' sentences start */
    LETTER_INDENT = 2,
};

/* A left margin and the column reached on the current line. */
struct paragraph {
    FILE *out;
    int margin, column;
};

static void start_line(struct paragraph *p)
{
    fprintf(p->out, "\n%*s", p->margin, "");
    p->column = p->margin;
}

static void put_word(struct paragraph *p, const char *word, int length)
{
    bool first = p->column == p->margin;
    if (!first && p->column + 1 + length > LINE_WIDTH) {
        start_line(p);
        first = true;
    }
    fprintf(p->out, "%s%.*s", first ? "" : " ", length, word);
    p->column += length + (first ? 0 : 1);
}

static void put_text(struct paragraph *p, const char *text)
{
    for (;;) {
        text += strspn(text, " \n");
        size_t n = strcspn(text, " \n");
        if (n == 0)
            return;
        put_word(p, text, (int)n);
        text += n;
    }
}

static void put_labelled(FILE *out, const char *label, const char *before, const char *text)
{
    struct paragraph p = {.out = out, .margin = LABEL_INDENT, .column = LABEL_INDENT};
    fprintf(out, "%-*s", LABEL_INDENT, label);
    put_text(&p, before);
    put_text(&p, text);
    fputc('\n', out);
}

static bool is_on(const struct gn_option *option)
{
    const char *fallback = option->fallback;
    return option->kind == GN_OPTION_FLAG && fallback != NULL &&
           (strcmp(fallback, "on") == 0 || strcmp(fallback, "true") == 0 ||
            strcmp(fallback, "yes") == 0);
}

/* "  -t, --threads INT"; returns its width. */
static int put_spelling(FILE *out, const struct gn_option *option)
{
    int width = option->letter != '\0' ? fprintf(out, "%*s-%c, ", LETTER_INDENT, "", option->letter)
                                       : fprintf(out, "%*s", LETTER_INDENT + 4, "");
    width += fprintf(out, "--%s%s", is_on(option) ? "[no-]" : "", option->name);
    const char *value = option->metavar != NULL ? option->metavar : option->choices;
    if (value != NULL && option->kind != GN_OPTION_FLAG)
        width += fprintf(out, " %s", value);
    return width;
}

/* "one of a, b, c", where the spelling shows another word. */
static void put_choices(struct paragraph *p, const char *choices)
{
    put_text(p, "(one of");
    while (*choices != '\0') {
        size_t n = strcspn(choices, "|");
        bool last = choices[n] == '\0';
        char word[80];
        snprintf(word, sizeof word, "%.*s%s", (int)n, choices, last ? ")" : ",");
        put_text(p, word);
        choices += n + (last ? 0 : 1);
    }
}

static void put_option(FILE *out, const struct gn_option *option)
{
    struct paragraph p = {.out = out, .margin = TEXT_COLUMN, .column = TEXT_COLUMN};
    int width = put_spelling(out, option);
    if (width + 2 > TEXT_COLUMN)
        start_line(&p);
    else
        fprintf(out, "%*s", TEXT_COLUMN - width, "");
    put_text(&p, option->help);
    if (option->kind == GN_OPTION_CHOICE && option->metavar != NULL)
        put_choices(&p, option->choices);
    if (option->flags & GN_OPTION_REQUIRED)
        put_text(&p, "(required)");
    if (option->flags & GN_OPTION_IGNORED)
        put_text(&p, "(accepted, has no effect)");
    if (option->fallback != NULL) {
        char text[128];
        snprintf(text, sizeof text, "[%s]", option->fallback);
        put_text(&p, text);
    }
    fputc('\n', out);
}

/* A heading whose options are all hidden is left out. */
static bool has_visible(const struct gn_option *heading)
{
    for (const struct gn_option *o = heading + 1; o->kind > GN_OPTION_GROUP; o++)
        if (!(o->flags & GN_OPTION_HIDDEN))
            return true;
    return false;
}

void gn_options_help(const struct gn_command *command, FILE *out)
{
    char called[128];
    snprintf(called, sizeof called, "gannet %s", command->name);
    fputc('\n', out);
    put_labelled(out, "About:", "", command->about);
    put_labelled(out, "Usage:", called, command->usage);
    if (command->options->kind > GN_OPTION_GROUP)
        fprintf(out, "\nOptions:\n");
    for (const struct gn_option *o = command->options; o->kind != GN_OPTION_END; o++) {
        if (o->kind != GN_OPTION_GROUP && !(o->flags & GN_OPTION_HIDDEN))
            put_option(out, o);
        else if (o->kind == GN_OPTION_GROUP && has_visible(o))
            fprintf(out, "\n%s:\n", o->help);
    }
    fprintf(out, "\n  -h, --help%*sthis text\n", TEXT_COLUMN - 12, "");
    if (command->examples != NULL)
        fprintf(out, "\nExamples:\n%s\n", command->examples);
}
