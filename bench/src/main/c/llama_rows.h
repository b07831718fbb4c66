/* The measurements: requests that are decoded side by side, or served as they fit. */
#ifndef LLAMA_ROWS_H
#define LLAMA_ROWS_H

#include "llama_engine.h"

struct request {
  int32_t *prompt;
  int input;  /* tokens of the prompt */
  int output; /* tokens to generate */
};

struct job {
  char kind[16];
  double limit; /* seconds after which serving stops, or 0 */
  int count;
  struct request *requests;
};

struct result {
  double seconds;
  long tokens;       /* generated in that time */
  long prompt_tokens; /* computed in that time */
  int32_t first; /* the first token of the first request */
  bool stopped;  /* by the limit */
};

/* Seconds from the first token of all samples, which are alike, to the last. Only the first request's prompt is computed: the other sequences start from copies of it,
 * which cost memory and attention as much as their own. */
struct result decode(const struct job *job, struct setup setup);

/* Continuous batching, as llama.cpp's server does it: each batch has a token of every running
 * sequence and is filled up with pieces of prompts. Seconds until the last token. */
struct result serve(const struct job *job, struct setup setup);

/* The setup with which a job is fastest, by short trials; remembered for jobs that look alike. */
struct setup tuned(const struct job *job);

#endif
