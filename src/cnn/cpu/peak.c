/* SPDX-License-Identifier: MIT
 *
 * peak.c - loops of multiply-accumulates on 12 independent registers.
 *
 * 12 sums hide the latency of two such instructions a cycle (4 to 6 cycles on CPUs so far). The loops
 * are assembly, so that no compiler shortens them; they are called only where the CPU knows the
 * instruction.
 */
#include "cnn/cpu/peak.h"

#include <pthread.h>
#include <stdlib.h>

#include "cnn/steady_clock.h"

enum { SUMS = 12, ROUNDS = 200, MOST_THREADS = 1024 };

static const double ROUND_SECONDS = 0.001;

typedef void multiply_loop(long repeats);

struct instruction {
    multiply_loop *loop; /* NULL: the CPU has none */
    double macs;         /* of one repeat: SUMS instructions */
};

#if defined(__x86_64__)

/* Registers 12 and 13 are multiplied, 14 and 15 are free; all start at zero, since what lies in them
 * could be numbers that are slow. */
#define CLEAR                                                                                      \
    ".irp r,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n vpxor %%xmm\\r,%%xmm\\r,%%xmm\\r\n.endr\n"
#define EACH_SUM "1:\n.irp r,0,1,2,3,4,5,6,7,8,9,10,11\n"
#define AGAIN    "\n.endr\n dec %0\n jnz 1b\n vzeroupper\n"
#define CLOBBERED                                                                                  \
    "cc", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", \
        "xmm11", "xmm12", "xmm13", "xmm14", "xmm15"

static void fma_ymm(long n)
{
    __asm__ volatile(CLEAR EACH_SUM "vfmadd231ps %%ymm12,%%ymm13,%%ymm\\r" AGAIN
                     : "+r"(n)
                     :
                     : CLOBBERED);
}

static void fma_zmm(long n)
{
    __asm__ volatile(CLEAR EACH_SUM "vfmadd231ps %%zmm12,%%zmm13,%%zmm\\r" AGAIN
                     : "+r"(n)
                     :
                     : CLOBBERED);
}

static void pairs_ymm(long n)
{
    __asm__ volatile(CLEAR EACH_SUM
                     "vpmaddwd %%ymm12,%%ymm13,%%ymm14\n vpaddd %%ymm14,%%ymm\\r,%%ymm\\r" AGAIN
                     : "+r"(n)
                     :
                     : CLOBBERED);
}

static void pairs_zmm(long n)
{
    __asm__ volatile(CLEAR EACH_SUM
                     "vpmaddwd %%zmm12,%%zmm13,%%zmm14\n vpaddd %%zmm14,%%zmm\\r,%%zmm\\r" AGAIN
                     : "+r"(n)
                     :
                     : CLOBBERED);
}

static void vnni_int16(long n)
{
    __asm__ volatile(CLEAR EACH_SUM "vpdpwssd %%zmm12,%%zmm13,%%zmm\\r" AGAIN
                     : "+r"(n)
                     :
                     : CLOBBERED);
}

static void vnni_int8(long n)
{
    __asm__ volatile(CLEAR EACH_SUM "vpdpbusd %%zmm12,%%zmm13,%%zmm\\r" AGAIN
                     : "+r"(n)
                     :
                     : CLOBBERED);
}

static void dot_bf16(long n)
{
    __asm__ volatile(CLEAR EACH_SUM "vdpbf16ps %%zmm12,%%zmm13,%%zmm\\r" AGAIN
                     : "+r"(n)
                     :
                     : CLOBBERED);
}

enum { YMM_WORDS = 8, ZMM_WORDS = 16 };

static struct instruction instruction_of(enum gn_precision precision, enum gn_isa isa)
{
    switch (precision) {
    case GN_PRECISION_FLOAT32:
        if (isa >= GN_ISA_AVX512)
            return (struct instruction){fma_zmm, SUMS * ZMM_WORDS};
        if (isa == GN_ISA_AVX2)
            return (struct instruction){fma_ymm, SUMS * YMM_WORDS};
        break;
    case GN_PRECISION_INT16:
        if (isa == GN_ISA_AVX512_VNNI)
            return (struct instruction){vnni_int16, SUMS * ZMM_WORDS * 2};
        if (isa == GN_ISA_AVX512)
            return (struct instruction){pairs_zmm, SUMS * ZMM_WORDS * 2};
        if (isa == GN_ISA_AVX2)
            return (struct instruction){pairs_ymm, SUMS * YMM_WORDS * 2};
        break;
    case GN_PRECISION_INT8:
        if (isa == GN_ISA_AVX512_VNNI)
            return (struct instruction){vnni_int8, SUMS * ZMM_WORDS * 4};
        break;
    case GN_PRECISION_BF16:
        if (gn_kernels_of(precision, isa) != NULL)
            return (struct instruction){dot_bf16, SUMS * ZMM_WORDS * 2};
        break;
    default:
        break;
    }
    return (struct instruction){NULL, 0};
}

#else

static struct instruction instruction_of(enum gn_precision precision, enum gn_isa isa)
{
    (void)precision;
    (void)isa;
    return (struct instruction){NULL, 0};
}

#endif

struct gate {
    pthread_mutex_t closed; /* held until all threads are there */
    pthread_barrier_t round;
    bool called_off;
};

struct runner {
    pthread_t thread;
    struct gate *gate;
    struct instruction instruction;
    long repeats;         /* of a round */
    double rates[ROUNDS]; /* multiply-accumulates a second */
};

static double rate_of(struct instruction instruction, long repeats)
{
    double start = gn_steady_seconds();
    instruction.loop(repeats);
    return instruction.macs * (double)repeats / (gn_steady_seconds() - start);
}

static void *run_rounds(void *argument)
{
    struct runner *runner = argument;
    pthread_mutex_lock(&runner->gate->closed);
    bool called_off = runner->gate->called_off;
    pthread_mutex_unlock(&runner->gate->closed);
    for (int i = 0; i < ROUNDS && !called_off; i++) {
        pthread_barrier_wait(&runner->gate->round);
        runner->rates[i] = rate_of(runner->instruction, runner->repeats);
    }
    return NULL;
}

static int run_together(struct runner *runners, int n, gn_error_t *err)
{
    struct gate gate = {.closed = PTHREAD_MUTEX_INITIALIZER};
    if (pthread_barrier_init(&gate.round, NULL, (unsigned)n) != 0)
        return gn_fail_memory(err, "a barrier");
    pthread_mutex_lock(&gate.closed);
    int started = 0;
    for (; started < n; started++) {
        runners[started].gate = &gate;
        if (pthread_create(&runners[started].thread, NULL, run_rounds, &runners[started]) != 0)
            break;
    }
    gate.called_off = started < n;
    pthread_mutex_unlock(&gate.closed);
    for (int i = 0; i < started; i++)
        pthread_join(runners[i].thread, NULL);
    pthread_barrier_destroy(&gate.round);
    return started == n ? GN_OK
                        : gn_fail(err, GN_E_UNAVAILABLE, "only %d of %d threads start: use fewer",
                                  started, n);
}

static int descending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x < y) - (x > y);
}

static struct gn_peak peak_of(const struct runner *runners, int n)
{
    double rates[ROUNDS] = {0};
    for (int i = 0; i < ROUNDS; i++)
        for (int t = 0; t < n; t++)
            rates[i] += runners[t].rates[i];
    qsort(rates, ROUNDS, sizeof *rates, descending);
    return (struct gn_peak){.best = 2e-9 * rates[0], .median = 2e-9 * rates[ROUNDS / 2]};
}

/* How often to repeat for a round of that length, by a trial. */
static long repeats_for(struct instruction instruction, double round_seconds)
{
    enum { TRIAL = 1000 };
    return (long)(round_seconds * rate_of(instruction, TRIAL) / instruction.macs) + 1;
}

double gn_peak_round(enum gn_precision precision, enum gn_isa isa, double round_seconds)
{
    const struct instruction instruction = instruction_of(precision, isa);
    if (instruction.loop == NULL)
        return 0;
    return 2e-9 * rate_of(instruction, repeats_for(instruction, round_seconds));
}

int gn_peak_measure(enum gn_precision precision, enum gn_isa isa, int threads, struct gn_peak *peak,
                    gn_error_t *err)
{
    const struct instruction instruction = instruction_of(precision, isa);
    *peak = (struct gn_peak){0};
    if (instruction.loop == NULL)
        return GN_OK;
    if (threads < 1 || threads > MOST_THREADS)
        return gn_fail(err, GN_E_USAGE, "%d threads: say 1 to %d", threads, MOST_THREADS);
    struct runner *runners = calloc((size_t)threads, sizeof *runners);
    if (runners == NULL)
        return gn_fail_memory(err, "threads");
    const long repeats = repeats_for(instruction, ROUND_SECONDS);
    for (int i = 0; i < threads; i++) {
        runners[i].instruction = instruction;
        runners[i].repeats = repeats;
    }
    int rc = run_together(runners, threads, err);
    if (rc == GN_OK)
        *peak = peak_of(runners, threads);
    free(runners);
    return rc;
}
