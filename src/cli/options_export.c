/* SPDX-License-Identifier: MIT
 *
 * options_export.c - the option tables for other programs: man(1), bash and JSON readers.
 */
#include "cli/options.h"

#include <ctype.h>
#include <jansson.h>
#include <string.h>

/* troff: a dash that can be pasted into a shell, no accidental requests or escapes. */
static void put_troff(FILE *out, const char *text)
{
    bool line_start = true;
    for (; *text != '\0'; text++) {
        if (line_start && (*text == '.' || *text == '\''))
            fputs("\\&", out);
        if (*text == '-')
            fputs("\\-", out);
        else if (*text == '\\')
            fputs("\\e", out);
        else
            fputc(*text, out);
        line_start = *text == '\n';
    }
}

static const char *value_name(const struct gn_option *option)
{
    if (option->kind == GN_OPTION_FLAG)
        return NULL;
    return option->metavar != NULL ? option->metavar : option->choices;
}

static void man_option(FILE *out, const struct gn_option *option)
{
    fputs(".TP\n", out);
    if (option->letter != '\0')
        fprintf(out, "\\fB\\-%c\\fR, ", option->letter);
    fputs("\\fB\\-\\-", out);
    put_troff(out, option->name);
    fputs("\\fR", out);
    if (value_name(option) != NULL) {
        fputs(" \\fI", out);
        put_troff(out, value_name(option));
        fputs("\\fR", out);
    }
    fputc('\n', out);
    put_troff(out, option->help);
    fputs(".\n", out);
    if (option->kind == GN_OPTION_CHOICE && option->metavar != NULL) {
        fputs("One of ", out);
        put_troff(out, option->choices);
        fputs(".\n", out);
    }
    if (option->min != 0 || option->max != 0)
        fprintf(out, "From %.15g to %.15g.\n", option->min, option->max);
    if (option->flags & GN_OPTION_REQUIRED)
        fputs("Required.\n", out);
    if (option->flags & GN_OPTION_IGNORED)
        fputs("Accepted for the sake of DeepVariant's command lines, has no effect.\n", out);
    if (option->fallback != NULL) {
        fputs("Default: ", out);
        put_troff(out, option->fallback);
        fputs(".\n", out);
    }
}

static void man_text(FILE *out, const char *section, const char *text)
{
    fprintf(out, ".SH %s\n", section);
    put_troff(out, text);
    fputc('\n', out);
}

void gn_options_man(const struct gn_command *command, const char *version, FILE *out)
{
    fputs(".TH \"GANNET\\-", out);
    for (const char *c = command->name; *c != '\0'; c++)
        fputc(toupper((unsigned char)*c), out);
    fprintf(out, "\" 1 \"\" \"gannet %s\" \"User Commands\"\n.SH NAME\ngannet\\-", version);
    put_troff(out, command->name);
    fputs(" \\- ", out);
    put_troff(out, command->summary);
    fputs("\n.SH SYNOPSIS\n\\fBgannet ", out);
    put_troff(out, command->name);
    fputs("\\fR ", out);
    put_troff(out, command->usage);
    fputc('\n', out);
    man_text(out, "DESCRIPTION", command->about);
    fputs(
        ".SH OPTIONS\n"
        "A switch \\-\\-name is turned off by \\-\\-no\\-name; underscores may stand for dashes.\n",
        out);
    for (const struct gn_option *o = command->options; o->kind != GN_OPTION_END; o++) {
        if (o->kind == GN_OPTION_GROUP) {
            fputs(".SS ", out);
            put_troff(out, o->help);
            fputc('\n', out);
        } else {
            man_option(out, o);
        }
    }
    if (command->examples != NULL) {
        fputs(".SH EXAMPLES\n.nf\n", out);
        put_troff(out, command->examples);
        fputs("\n.fi\n", out);
    }
    fputs(".SH EXIT STATUS\n.nf\n", out);
#define MAN_STATUS(name, value, exit_status, title) fprintf(out, "%3d  %s\n", exit_status, title);
    GN_STATUS_TABLE(MAN_STATUS)
#undef MAN_STATUS
    fputs(".fi\n", out);
}

static const char *type_name(enum gn_option_kind kind)
{
    static const char *const names[] = {
        [GN_OPTION_FLAG] = "flag", [GN_OPTION_INT] = "int",       [GN_OPTION_REAL] = "real",
        [GN_OPTION_TEXT] = "text", [GN_OPTION_CHOICE] = "choice",
    };
    return names[kind];
}

static json_t *json_option(const struct gn_option *o, const char *group)
{
    char letter[2] = {o->letter, '\0'};
    json_t *object = json_pack(
        "{s:s, s:s*, s:s, s:s*, s:s*, s:s*, s:s*, s:s, s:b, s:b, s:b}", "name", o->name, "letter",
        letter[0] != '\0' ? letter : NULL, "type", type_name(o->kind), "group", group, "metavar",
        o->metavar, "default", o->fallback, "choices", o->choices, "help", o->help, "required",
        (o->flags & GN_OPTION_REQUIRED) != 0, "hidden", (o->flags & GN_OPTION_HIDDEN) != 0,
        "ignored", (o->flags & GN_OPTION_IGNORED) != 0);
    if (object == NULL || (o->min == 0 && o->max == 0))
        return object;
    if (json_object_set_new(object, "min", json_real(o->min)) == 0 &&
        json_object_set_new(object, "max", json_real(o->max)) == 0)
        return object;
    json_decref(object);
    return NULL;
}

int gn_options_json(const struct gn_command *command, FILE *out, gn_error_t *err)
{
    json_t *list = json_array();
    json_t *root = json_pack("{s:s, s:s, s:s, s:O}", "command", command->name, "summary",
                             command->summary, "about", command->about, "options", list);
    int ret = root != NULL ? GN_OK : gn_fail_memory(err, "the option table as JSON");
    const char *group = NULL;
    for (const struct gn_option *o = command->options; ret == GN_OK && o->kind != GN_OPTION_END;
         o++) {
        if (o->kind == GN_OPTION_GROUP)
            group = o->help;
        else if (json_array_append_new(list, json_option(o, group)) != 0)
            ret = gn_fail_memory(err, "the option table as JSON");
    }
    if (ret == GN_OK && (json_dumpf(root, out, JSON_INDENT(2)) != 0 || fputc('\n', out) == EOF))
        ret = gn_fail(err, GN_E_IO, "cannot write the option table as JSON");
    json_decref(root);
    json_decref(list);
    return ret;
}

static void completion_words(const struct gn_command *command, FILE *out)
{
    fprintf(out, "        %s) words=\"--help", command->name);
    for (const struct gn_option *o = command->options; o->kind != GN_OPTION_END; o++)
        if (o->kind != GN_OPTION_GROUP && !(o->flags & (GN_OPTION_HIDDEN | GN_OPTION_IGNORED)))
            fprintf(out, " --%s", o->name);
    fputs("\" ;;\n", out);
}

static void completion_choices(const struct gn_command *command, FILE *out)
{
    for (const struct gn_option *o = command->options; o->kind != GN_OPTION_END; o++) {
        if (o->kind != GN_OPTION_CHOICE)
            continue;
        fprintf(out, "        %s:--%s) choices=\"", command->name, o->name);
        for (const char *c = o->choices; *c != '\0'; c++)
            fputc(*c == '|' ? ' ' : *c, out);
        fputs("\" ;;\n", out);
    }
}

void gn_options_bash_completion(const struct gn_command *const *commands, FILE *out)
{
    fputs("# bash completion for gannet; source this file or install it as\n"
          "# PREFIX/share/bash-completion/completions/gannet\n"
          "_gannet()\n{\n"
          "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}\n"
          "    local words=\"\" choices=\"\" command=${COMP_WORDS[1]}\n"
          "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n        words=\"--help --version",
          out);
    for (size_t i = 0; commands[i] != NULL; i++)
        fprintf(out, " %s", commands[i]->name);
    fputs("\"\n    else\n        case $command:$before in\n", out);
    for (size_t i = 0; commands[i] != NULL; i++)
        completion_choices(commands[i], out);
    fputs("        esac\n        case $command in\n", out);
    for (size_t i = 0; commands[i] != NULL; i++)
        completion_words(commands[i], out);
    fputs("        esac\n    fi\n"
          "    if [ -n \"$choices\" ]; then\n"
          "        mapfile -t COMPREPLY < <(compgen -W \"$choices\" -- \"$word\")\n"
          "    elif [ \"$COMP_CWORD\" -eq 1 ] || [ \"${word:0:1}\" = - ]; then\n"
          "        mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n"
          "    fi\n"
          "}\n"
          "complete -o default -F _gannet gannet\n",
          out);
}
