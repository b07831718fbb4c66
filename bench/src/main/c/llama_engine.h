/* One model under llama.cpp, the context it computes in, and a batch that is filled and computed. */
#ifndef LLAMA_ENGINE_H
#define LLAMA_ENGINE_H

#include <stdbool.h>
#include <stdint.h>

/* Tokens that are handed over at a time, and those that pass through the layers at a time. Both are
 * llama.cpp's defaults. */
enum { BATCH = 2048, MICRO_BATCH = 512 };

/* How a context is made. Which of these is fastest depends on the work, so all are tried. */
struct setup {
  int sequences;
  int longest; /* tokens of one sequence */
  int total;   /* tokens of all sequences together */
  bool flash;  /* flash attention */
  bool unified; /* one cache for all sequences, or one for each */
};

/* Ends the program with a line that tells what went wrong. */
__attribute__((noreturn, format(printf, 1, 2))) void fail(const char *format, ...);

double now(void);

/* Loads a model; its libraries lie in the folder. Seconds that it took. */
double engine_open(const char *model, const char *folder, int threads);

/* The name of the library with the operators for this processor. */
const char *engine_processor(void);

/* Makes a context of this setup, unless it is the one there is, and empties it. */
void engine_use(struct setup setup);

void batch_clear(void);
int batch_size(void);

/* Adds a token; returns its row if its scores are wanted. */
int batch_add(int32_t token, int position, int sequence, bool scored);

/* Computes the batch. */
void engine_step(void);

/* The likeliest token after a row of the batch. */
int32_t engine_best(int row);

/* Gives sequences from 1 to count - 1 a copy each of what sequence 0 holds. */
void engine_copy_first(int count);

/* Removes a sequence's tokens from a position on. */
void engine_forget(int sequence, int from);

#endif
