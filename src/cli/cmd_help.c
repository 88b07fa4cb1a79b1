/* SPDX-License-Identifier: MIT
 *
 * cmd_help.c - `gannet help`: the list of commands, one command's help, and what is generated from
 * the option tables.
 */
#include "cli/commands.h"

#include <string.h>

struct help_args {
    bool man, options_json;
    const char *completion; /* shell */
};

static const struct gn_option options[] = {
    {GN_OPTION_FLAG, .name = "man", .offset = offsetof(struct help_args, man),
     .help = "Write the command's manual page (view it with: man -l FILE)"},
    {GN_OPTION_FLAG, .name = "options-json", .offset = offsetof(struct help_args, options_json),
     .help = "Write the command's options as JSON, for wrapper generators"},
    {GN_OPTION_CHOICE, .name = "completion", .metavar = "SHELL", .choices = "bash",
     .offset = offsetof(struct help_args, completion),
     .help = "Write the completion script of a shell"},
    {GN_OPTION_END},
};

static int explain(const struct gn_command *command, const struct help_args *args, gn_error_t *err)
{
    if (args->options_json)
        return gn_options_json(command, stdout, err);
    if (args->man)
        gn_options_man(command, GN_VERSION, stdout);
    else
        gn_options_help(command, stdout);
    return GN_OK;
}

static int run(int argc, char **argv, gn_error_t *err)
{
    struct help_args args = {0};
    const char *name[1];
    int n_names;
    bool help;
    int ret = gn_options_parse(&gn_cmd_help, argc, argv, &args, name, 1, &n_names, &help, err);
    if (ret != GN_OK)
        return ret;
    if (help) {
        gn_options_help(&gn_cmd_help, stdout);
        return GN_OK;
    }
    if (args.completion != NULL) {
        const struct gn_command *list[GN_MOST_COMMANDS];
        gn_commands_list(list);
        gn_options_bash_completion(list, stdout);
        return GN_OK;
    }
    if (n_names == 1) {
        const struct gn_command *command = gn_commands_find(name[0], err);
        return command != NULL ? explain(command, &args, err) : err->code;
    }
    if (args.man || args.options_json)
        return gn_fail(err, GN_E_USAGE, "name the command that is to be described");
    gn_commands_overview(stdout);
    return GN_OK;
}

const struct gn_command gn_cmd_help = {
    .name = "help",
    .summary = "list the commands or explain one",
    .about =
        "Lists the commands, or explains one of them. Manual pages, shell completion and a "
        "machine-readable list of options come from the same tables that parse the command line.",
    .usage = "[options] [COMMAND]",
    .options = options,
    .examples = "  gannet help call\n"
                "  gannet help --man call > gannet-call.1\n"
                "  source <(gannet help --completion bash)",
    .run = run,
};
