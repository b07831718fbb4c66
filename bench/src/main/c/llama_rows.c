#include "llama_rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { WARM_UP_STEPS = 2, MOST_SEQUENCES = 256 };

/* A request on its way. */
struct running {
  const struct request *request;
  int computed; /* tokens of its prompt */
  int produced;
  int32_t last;
  int row; /* whose scores it waits for, or -1 */
};

static int smaller(int a, int b) { return a < b ? a : b; }

/* Computes a prompt as the whole of a sequence; the token that follows it. */
static int32_t prefill(const int32_t *prompt, int tokens, int sequence) {
  int row = -1;
  for (int from = 0; from < tokens; from += BATCH) {
    batch_clear();
    int end = smaller(tokens, from + BATCH);
    for (int i = from; i < end; i++) {
      row = batch_add(prompt[i], i, sequence, i == tokens - 1);
    }
    engine_step();
  }
  return engine_best(row);
}

/* One token of each sequence; the tokens that follow. */
static void decode_step(int32_t *last, int count, int position) {
  batch_clear();
  for (int s = 0; s < count; s++) {
    batch_add(last[s], position, s, true);
  }
  engine_step();
  for (int s = 0; s < count; s++) {
    last[s] = engine_best(s);
  }
}

struct result decode(const struct job *job, struct setup setup) {
  const struct request *request = &job->requests[0];
  int steps = request->output - 1;
  int32_t last[MOST_SEQUENCES];
  engine_use(setup);
  struct result result = {.tokens = (long)steps * job->count};
  result.first = prefill(request->prompt, request->input, 0);
  engine_copy_first(job->count);
  for (int s = 0; s < job->count; s++) {
    last[s] = request->prompt[s % request->input];
  }
  for (int i = 0; i < WARM_UP_STEPS; i++) {
    decode_step(last, job->count, request->input + i);
  }
  for (int s = 0; s < job->count; s++) {
    engine_forget(s, request->input);
  }
  double begun = now();
  for (int i = 0; i < steps; i++) {
    decode_step(last, job->count, request->input + i);
  }
  result.seconds = now() - begun;
  return result;
}

static int longest_output_first(const void *a, const void *b) {
  const struct running *one = a;
  const struct running *other = b;
  return other->request->output - one->request->output;
}

/* Adds to the batch what a request has to compute next, as far as there is room. */
static void advance(struct running *r, int sequence) {
  const struct request *request = r->request;
  r->row = -1;
  if (r->produced > 0) {
    r->row = batch_add(r->last, request->input + r->produced - 1, sequence, true);
    return;
  }
  int end = smaller(request->input, r->computed + BATCH - batch_size());
  for (; r->computed < end; r->computed++) {
    bool scored = r->computed == request->input - 1;
    int row = batch_add(request->prompt[r->computed], r->computed, sequence, scored);
    r->row = scored ? row : -1;
  }
}

struct result serve(const struct job *job, struct setup setup) {
  engine_use(setup);
  struct running *all = calloc((size_t)job->count, sizeof *all);
  for (int i = 0; i < job->count; i++) {
    all[i].request = &job->requests[i];
  }
  if (!setup.unified) {
    /* With a cache for each sequence, llama.cpp computes only neighbours together: those that end
     * first shall leave no gaps. Its server does not know who they are; here it is spared that. */
    qsort(all, (size_t)job->count, sizeof *all, longest_output_first);
  }
  struct result result = {0};
  int left = job->count;
  double begun = now();
  while (left > 0 && !result.stopped) {
    batch_clear();
    for (int pass = 0; pass < 2; pass++) {
      for (int s = 0; s < job->count; s++) {
        bool decoding = all[s].produced > 0;
        if (decoding == (pass == 0) && all[s].produced < all[s].request->output) {
          advance(&all[s], s);
        }
      }
    }
    engine_step();
    for (int s = 0; s < job->count; s++) {
      struct running *r = &all[s];
      if (r->produced == r->request->output || r->row < 0) {
        continue;
      }
      r->last = engine_best(r->row);
      if (r->produced++ == 0) {
        result.prompt_tokens += r->request->input;
        result.first = r->request == job->requests ? r->last : result.first;
      }
      result.tokens++;
      if (r->produced == r->request->output) {
        engine_forget(s, 0);
        left--;
      }
    }
    result.stopped = job->limit > 0 && now() - begun > job->limit && left > 0;
  }
  result.seconds = now() - begun;
  free(all);
  return result;
}

/* What a mixed job would take by two kinds of steps: tokens of all sequences, and a piece of a
 * prompt beside them. All but one sequence are half way through an average request. It is cut short
 * where it is above a limit already: one cache for all is very slow without flash attention. */
static double mixed_estimate(const struct job *job, struct setup setup, double limit) {
  long inputs = 0;
  long outputs = 0;
  const struct request *longest = job->requests;
  for (int i = 0; i < job->count; i++) {
    inputs += job->requests[i].input;
    outputs += job->requests[i].output;
    longest = job->requests[i].input > longest->input ? &job->requests[i] : longest;
  }
  int others = job->count - 1;
  int context = smaller(longest->input, (int)((inputs + outputs / 2) / job->count));
  int32_t last[MOST_SEQUENCES] = {0};
  engine_use(setup);
  prefill(longest->prompt, context, 0);
  engine_copy_first(others);
  decode_step(last, others, context);
  double begun = now();
  decode_step(last, others, context + 1);
  double decoding = (now() - begun) * (double)outputs / job->count;
  if (decoding > limit) {
    return decoding;
  }

  batch_clear();
  for (int s = 0; s < others; s++) {
    batch_add(last[s], context + 2, s, true);
  }
  int piece = smaller(MICRO_BATCH - others, longest->input);
  for (int i = 0; i < piece; i++) {
    batch_add(longest->prompt[i], i, others, false);
  }
  begun = now();
  engine_step();
  return decoding + (now() - begun) * (double)inputs / piece;
}

/* Seconds by which setups can be told apart; above the limit they need not be exact. */
static double trial(const struct job *job, struct setup setup, double limit) {
  enum { TRIAL_STEPS = 4, SINGLE_TRIAL_STEPS = 12 };
  struct request request = job->requests[0];
  struct job shorter = *job;
  if (strcmp(job->kind, "decode") == 0) {
    int steps = job->count == 1 ? SINGLE_TRIAL_STEPS : TRIAL_STEPS;
    request.output = smaller(request.output, 1 + steps);
    shorter.requests = &request;
    return decode(&shorter, setup).seconds;
  }
  if (job->count > 1) {
    return mixed_estimate(job, setup, limit);
  }
  request.input = smaller(request.input, 32);
  shorter.requests = &request;
  serve(&shorter, setup);
  return serve(job, setup).seconds;
}

struct setup tuned(const struct job *job) {
  static char kind[sizeof job->kind];
  static struct setup best;
  struct setup setup = {.sequences = job->count};
  for (int i = 0; i < job->count; i++) {
    int length = job->requests[i].input + job->requests[i].output;
    setup.longest = length > setup.longest ? length : setup.longest;
    setup.total += length;
  }
  if (job->count > MOST_SEQUENCES) {
    fail("%d requests are more than %d", job->count, MOST_SEQUENCES);
  }
  bool known = strcmp(kind, job->kind) == 0 && best.sequences == setup.sequences &&
               best.longest == setup.longest && best.total == setup.total;
  if (known) {
    return best;
  }
  double least = INFINITY;
  for (int choice = 0; choice < (job->count == 1 ? 2 : 4); choice++) {
    setup.flash = choice % 2 == 0;
    setup.unified = choice >= 2;
    double seconds = trial(job, setup, least);
    if (seconds < least) {
      least = seconds;
      best = setup;
    }
  }
  memcpy(kind, job->kind, sizeof kind);
  return best;
}
