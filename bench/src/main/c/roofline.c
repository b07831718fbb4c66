/*
 * What this machine can do: roofline THREADS
 *
 * Prints, each on a line of its own as NAME=VALUE, the rate at which so many threads together read
 * memory (10^9 bytes a second), and how many billions of operations a second they do when all
 * operands are in registers, a multiplication and an addition being two: 8-bit integers summed to
 * 32 bits, bfloat16 summed to float32, and float32. To be compiled with -march=native; what the
 * processor has no instructions for is left out.
 */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { REPEATS = 5, MOST_THREADS = 256 };

/* Far more than any cache holds. */
static const size_t MEMORY = (size_t)2 << 30;

/* What a thread does, on its share of the memory or with its registers; returns the work done. */
typedef double (*kernel)(int thread);

static char *memory;
static int threads;
static pthread_barrier_t start;
static volatile uint64_t sink;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

typedef uint64_t vector __attribute__((vector_size(64)));

static double read_memory(int thread) {
  size_t bytes = MEMORY / (size_t)threads / 512 * 512;
  const vector *from = (const vector *)(memory + (size_t)thread * bytes);
  vector sums[8];
  memset(sums, 0, sizeof sums);
  for (size_t i = 0; i < bytes / sizeof *from; i += 8) {
    for (int k = 0; k < 8; k++) {
      sums[k] += from[i + (size_t)k];
    }
  }
  for (int k = 0; k < 8; k++) {
    sink += sums[k][0];
  }
  return (double)bytes;
}

/* A loop of independent multiply-and-add instructions, enough of them to hide how long each takes.
 * The loop is written out, since compilers move the sums about. 0x3f80 is 1 as bfloat16. */
#define EACH_SUM(DO)                                                                    \
  DO("0") DO("1") DO("2") DO("3") DO("4") DO("5") DO("6") DO("7") DO("8") DO("9") DO("10") \
  DO("11") DO("12") DO("13")
#define CLEAR(N) "vxorps %%xmm" N ", %%xmm" N ", %%xmm" N "\n"
#define MULTIPLY_ADD_LOOP(STEP, WIDTH, OPERATIONS)                                  \
  long rounds = 20000000;                                                          \
  double done = (double)rounds * 14 * (OPERATIONS);                                \
  __asm__ volatile(EACH_SUM(CLEAR) "vmovd %1, %%xmm15\n"                           \
                   "vpbroadcastd %%xmm15, %%" WIDTH "15\n"                         \
                   "1:\n" EACH_SUM(STEP) "dec %0\n"                                \
                   "jnz 1b\n"                                                      \
                   : "+r"(rounds)                                                  \
                   : "r"(0x3f803f80)                                               \
                   : "cc", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", \
                     "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm15"); \
  (void)thread;                                                                    \
  return done

#if defined(__AVX512VNNI__)
#define INT8_INSTRUCTIONS "avx512_vnni"
#define INT8_STEP(N) "vpdpbusd %%zmm15, %%zmm15, %%zmm" N "\n"
static double multiply_int8(int thread) { MULTIPLY_ADD_LOOP(INT8_STEP, "zmm", 128); }
#elif defined(__AVXVNNI__)
#define INT8_INSTRUCTIONS "avx_vnni"
#define INT8_STEP(N) "%{vex%} vpdpbusd %%ymm15, %%ymm15, %%ymm" N "\n"
static double multiply_int8(int thread) { MULTIPLY_ADD_LOOP(INT8_STEP, "ymm", 64); }
#endif

#if defined(__AVX512BF16__)
#define BFLOAT16_STEP(N) "vdpbf16ps %%zmm15, %%zmm15, %%zmm" N "\n"
static double multiply_bfloat16(int thread) { MULTIPLY_ADD_LOOP(BFLOAT16_STEP, "zmm", 64); }
#endif

#if defined(__AVX512F__)
#define FLOAT32_STEP(N) "vfmadd231ps %%zmm15, %%zmm15, %%zmm" N "\n"
static double multiply_float32(int thread) { MULTIPLY_ADD_LOOP(FLOAT32_STEP, "zmm", 32); }
#elif defined(__FMA__)
#define FLOAT32_STEP(N) "vfmadd231ps %%ymm15, %%ymm15, %%ymm" N "\n"
static double multiply_float32(int thread) { MULTIPLY_ADD_LOOP(FLOAT32_STEP, "ymm", 16); }
#endif

struct share {
  kernel work;
  int thread;
  double done;
  double begun, ended; /* by the clock */
};

static void *run_share(void *data) {
  struct share *share = data;
  pthread_barrier_wait(&start);
  share->begun = now();
  share->done = share->work(share->thread);
  share->ended = now();
  return NULL;
}

/* Work a second of all threads together, the best of some repetitions. The threads themselves look at the clock:
 * the one that started them gets a processor only when one of them has lost it. */
static double rate(kernel work) {
  double best = 0;
  for (int r = 0; r < REPEATS; r++) {
    pthread_t ids[MOST_THREADS];
    struct share shares[MOST_THREADS];
    for (int t = 0; t < threads; t++) {
      shares[t] = (struct share){.work = work, .thread = t};
      if (pthread_create(&ids[t], NULL, run_share, &shares[t]) != 0) {
        fputs("roofline: cannot start a thread\n", stderr);
        exit(1);
      }
    }
    double done = 0, begun = 0, ended = 0;
    for (int t = 0; t < threads; t++) {
      pthread_join(ids[t], NULL);
      done += shares[t].done;
      begun = t == 0 || shares[t].begun < begun ? shares[t].begun : begun;
      ended = shares[t].ended > ended ? shares[t].ended : ended;
    }
    double measured = done / (ended - begun);
    best = measured > best ? measured : best;
  }
  return best / 1e9;
}

int main(int argc, char **argv) {
  threads = argc == 2 ? atoi(argv[1]) : 0;
  if (threads < 1 || threads > MOST_THREADS) {
    fputs("Usage: roofline THREADS\n", stderr);
    return 2;
  }
  memory = aligned_alloc(sizeof(vector), MEMORY);
  if (memory == NULL) {
    fputs("roofline: cannot have 2 GiB of memory\n", stderr);
    return 1;
  }
  memset(memory, 1, MEMORY);
  pthread_barrier_init(&start, NULL, (unsigned)threads);
  printf("read_gb_per_s=%.2f\n", rate(read_memory));
  free(memory);
#if defined(INT8_INSTRUCTIONS)
  printf("int8_gop_per_s=%.1f\n", rate(multiply_int8));
  printf("int8_instructions=%s\n", INT8_INSTRUCTIONS);
#endif
#if defined(__AVX512BF16__)
  printf("bfloat16_gop_per_s=%.1f\n", rate(multiply_bfloat16));
#endif
#if defined(__FMA__)
  printf("float32_gop_per_s=%.1f\n", rate(multiply_float32));
#endif
  return 0;
}
