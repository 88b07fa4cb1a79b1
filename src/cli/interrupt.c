/* SPDX-License-Identifier: MIT
 *
 * interrupt.c - the one mutable global of the program: the flag that the signal handler sets.
 */
#include "cli/interrupt.h"

#include <signal.h>
#include <stddef.h>

static volatile sig_atomic_t has_come;

static void note_signal(int number)
{
    (void)number;
    has_come = 1;
}

void interrupt_catch(void)
{
    struct sigaction action = {.sa_handler = note_signal,
                               .sa_flags = (int)SA_RESETHAND | SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

bool interrupt_has_come(void)
{
    return has_come != 0;
}
