/* SPDX-License-Identifier: MIT
 *
 * main.c - finds the command, runs it, and prints its failure: the only place that does.
 *
 * A failure is one line on standard error, "gannet COMMAND: message", and the exit status of its
 * code.
 */
#include <errno.h>
#include <string.h>

#ifdef GN_CUDA
#include <cuda.h>
#endif
#include <htslib/hts.h>
#include <htslib/hts_log.h>

#include "cli/commands.h"
#include "cnn/infer.h"

/* How the network can be computed besides on the CPU. */
static void print_build(void)
{
#ifdef GN_CUDA
    enum { MAJOR = 1000, MINOR = 10 };
    printf("with CUDA %d.%d", CUDA_VERSION / MAJOR, CUDA_VERSION % MAJOR / MINOR);
#else
    fputs("CPU only; CUDA: make CUDA=1", stdout);
#endif
}

static void print_version(void)
{
    printf("gannet version %s (DeepVariant-compatible 1.9; htslib %s%s; ", GN_VERSION,
           hts_version(), gn_engine_is_built("onednn") ? "; with oneDNN" : "");
    print_build();
    puts(")");
}

/* File names may hold anything; the message stays one line. */
static void print_failure(const char *command, const gn_error_t *err)
{
    fprintf(stderr, "gannet%s%s: ", command != NULL ? " " : "", command != NULL ? command : "");
    const char *text = err->message[0] != '\0' ? err->message : gn_status_title(err->code);
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        fputc(c < 0x20 || c == 0x7f ? '?' : c, stderr);
    }
    if (err->code == GN_E_USAGE)
        fprintf(stderr, " (see 'gannet %s%s')", command != NULL ? command : "",
                command != NULL ? " --help" : "help");
    fputc('\n', stderr);
}

static int finish_output(int ret, gn_error_t *err)
{
    errno = 0;
    bool written = fflush(stdout) == 0 && !ferror(stdout);
    if (ret == GN_OK && !written)
        return gn_fail(err, GN_E_IO, "cannot write to standard output: %s",
                       errno != 0 ? strerror(errno) : "output error");
    return ret;
}

static int run_command(int argc, char **argv)
{
    gn_error_t err = {0};
    const struct gn_command *command = gn_commands_find(argv[0], &err);
    const char *name = command != NULL ? command->name : NULL;
    int ret = command != NULL ? finish_output(command->run(argc, argv, &err), &err) : err.code;
    if (ret == GN_OK)
        return 0;
    err.code = ret;
    print_failure(name, &err);
    return gn_exit_status(ret);
}

static int print_plain(void (*print)(void))
{
    gn_error_t err = {0};
    print();
    int ret = finish_output(GN_OK, &err);
    if (ret != GN_OK)
        print_failure(NULL, &err);
    return gn_exit_status(ret);
}

static void print_version_only(void)
{
    puts(GN_VERSION);
}

static void print_overview(void)
{
    gn_commands_overview(stdout);
}

int main(int argc, char **argv)
{
    /* htslib's own messages do not say which option or file to mend, and every failure is to be one
     * line. */
    hts_set_log_level(HTS_LOG_OFF);
    if (argc < 2) {
        gn_commands_overview(stderr);
        return gn_exit_status(GN_E_USAGE);
    }
    if (strcmp(argv[1], "--version") == 0)
        return print_plain(print_version);
    if (strcmp(argv[1], "--version-only") == 0)
        return print_plain(print_version_only);
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
        return print_plain(print_overview);
    return run_command(argc - 1, argv + 1);
}
