#include "llama_engine.h"

#include "llama_api.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { CACHE_GRANULE = 256, LANES = 16 };

static struct llama_model *model;
static struct llama_context *context;
static struct setup current;
static struct llama_batch batch;
static struct ggml_threadpool *pool;
static int threads;
static int vocabulary;
static char processor[64] = "unknown";
static char last_error[512] = "";

void fail(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  fputs("error ", stdout);
  vprintf(format, arguments);
  va_end(arguments);
  for (char *c = last_error; *c; c++) {
    *c = *c == '\n' ? ' ' : *c;
  }
  printf("%s%s\n", last_error[0] ? "; llama.cpp says: " : "", last_error);
  exit(1);
}

double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

/* Keeps the last error, and learns from the log which of the processor libraries was chosen. */
static void listen(int level, const char *text, void *data) {
  (void)data;
  enum { ERROR = 4 };
  if (level == ERROR) {
    snprintf(last_error, sizeof last_error, "%s", text);
  }
  const char *library = strstr(text, "libggml-cpu-");
  if (library != NULL && strstr(text, "loaded") != NULL) {
    sscanf(library, "libggml-cpu-%63[^.]", processor);
  }
}

const char *engine_processor(void) { return processor; }

/* The defaults that this version is known to have, where llama_api.h says they lie. */
static void check_interface(void) {
  struct llama_context_params p = llama_context_default_params();
  bool known = sizeof p == 160 && p.n_ctx == 512 && p.n_batch == 2048 && p.n_ubatch == 512 &&
               p.n_seq_max == 1 && p.n_threads == 4 && p.n_threads_batch == 4 &&
               p.flash_attn_type == -1 && p.type_k == 1 && p.type_v == 1 && !p.embeddings &&
               p.offload_kqv && p.no_perf && !p.kv_unified;
  if (!known) {
    fail("this version of llama.cpp (%s) has another C interface", llama_version());
  }
}

/* As llama.cpp's own programs do: without a pool, threads are started anew for each step. */
static struct ggml_threadpool *new_pool(void) {
  struct ggml_device *device = ggml_backend_dev_by_type(0);
  if (device == NULL) {
    fail("no library of operators fits this processor");
  }
  ggml_threadpool_new_function create =
      (ggml_threadpool_new_function)ggml_backend_reg_get_proc_address(
          ggml_backend_dev_backend_reg(device), "ggml_threadpool_new");
  struct ggml_threadpool_params params;
  memset(&params, 0, sizeof params);
  ggml_threadpool_params_init(&params, threads);
  if (create == NULL || params.n_threads != threads) {
    fail("cannot make a pool of threads");
  }
  return create(&params);
}

double engine_open(const char *file, const char *folder, int thread_count) {
  threads = thread_count;
  llama_log_set(listen, NULL);
  check_interface();
  ggml_backend_load_all_from_path(folder);
  llama_backend_init();
  double begun = now();
  model = llama_model_load_from_file(file, llama_model_default_params());
  if (model == NULL) {
    fail("cannot load %s", file);
  }
  double seconds = now() - begun;
  vocabulary = llama_vocab_n_tokens(llama_model_get_vocab(model));
  if (vocabulary < 1) {
    fail("%s has no vocabulary", file);
  }
  pool = new_pool();
  batch = llama_batch_init(BATCH, 0, 1);
  return seconds;
}

static int rounded_up(int tokens) {
  return (tokens + CACHE_GRANULE - 1) / CACHE_GRANULE * CACHE_GRANULE;
}

static bool same(struct setup a, struct setup b) {
  return a.sequences == b.sequences && a.longest == b.longest && a.total == b.total &&
         a.flash == b.flash && a.unified == b.unified;
}

void engine_use(struct setup setup) {
  if (context != NULL && same(setup, current)) {
    llama_memory_clear(llama_get_memory(context), true);
    return;
  }
  if (context != NULL) {
    llama_free(context);
  }
  struct llama_context_params params = llama_context_default_params();
  params.n_ctx = setup.unified ? (uint32_t)rounded_up(setup.total)
                               : (uint32_t)(setup.sequences * rounded_up(setup.longest));
  params.n_ctx = params.n_ctx < MICRO_BATCH ? MICRO_BATCH : params.n_ctx;
  params.n_batch = BATCH;
  params.n_ubatch = MICRO_BATCH;
  params.n_seq_max = (uint32_t)setup.sequences;
  params.n_threads = threads;
  params.n_threads_batch = threads;
  params.flash_attn_type = setup.flash ? 1 : 0;
  params.kv_unified = setup.unified;
  context = llama_init_from_model(model, params);
  if (context == NULL) {
    fail("cannot make a context of %u tokens", params.n_ctx);
  }
  uint32_t of_sequence = llama_n_ctx_seq(context);
  bool as_asked = llama_n_ctx(context) == params.n_ctx && llama_n_batch(context) >= MICRO_BATCH &&
                  llama_n_ubatch(context) == MICRO_BATCH &&
                  llama_n_seq_max(context) == params.n_seq_max &&
                  llama_n_threads(context) == threads &&
                  llama_n_threads_batch(context) == threads &&
                  of_sequence == (setup.unified ? params.n_ctx : params.n_ctx / params.n_seq_max);
  if (!as_asked) {
    fail("the context is not the one that was asked for: %u tokens, %u a sequence",
         llama_n_ctx(context), of_sequence);
  }
  llama_attach_threadpool(context, pool, NULL);
  current = setup;
}

void batch_clear(void) { batch.n_tokens = 0; }

int batch_size(void) { return batch.n_tokens; }

int batch_add(int32_t token, int position, int sequence, bool scored) {
  if (batch.n_tokens == BATCH) {
    fail("a batch has more than %d tokens", BATCH);
  }
  int row = batch.n_tokens++;
  batch.token[row] = token;
  batch.pos[row] = position;
  batch.n_seq_id[row] = 1;
  batch.seq_id[row][0] = sequence;
  batch.logits[row] = scored;
  return row;
}

void engine_step(void) {
  int status = llama_decode(context, batch);
  if (status != 0) {
    fail("llama_decode returned %d for %d tokens", status, batch.n_tokens);
  }
}

int32_t engine_best(int row) {
  const float *scores = llama_get_logits_ith(context, row);
  if (scores == NULL) {
    fail("row %d of %d has no scores", row, batch.n_tokens);
  }
  /* In lanes, which the compiler turns into vector instructions; tokens are far more than lanes. */
  float lane[LANES];
  int whole = vocabulary / LANES * LANES;
  for (int l = 0; l < LANES; l++) {
    lane[l] = -INFINITY;
  }
  for (int i = 0; i < whole; i += LANES) {
    for (int l = 0; l < LANES; l++) {
      lane[l] = scores[i + l] > lane[l] ? scores[i + l] : lane[l];
    }
  }
  float best = -INFINITY;
  for (int l = 0; l < LANES; l++) {
    best = lane[l] > best ? lane[l] : best;
  }
  for (int i = whole; i < vocabulary; i++) {
    best = scores[i] > best ? scores[i] : best;
  }
  /* Scores that are all alike were not computed. */
  if (!isfinite(best) || (scores[0] == best && scores[vocabulary - 1] == best)) {
    fail("row %d of %d has no real scores: the highest is %g", row, batch.n_tokens, best);
  }
  int32_t token = 0;
  while (scores[token] != best) {
    token++;
  }
  return token;
}

void engine_copy_first(int count) {
  if (count == 1) {
    return;
  }
  size_t size = llama_state_seq_get_size(context, 0);
  uint8_t *state = malloc(size);
  if (state == NULL || llama_state_seq_get_data(context, state, size, 0) != size) {
    fail("cannot save a sequence of %zu bytes", size);
  }
  for (int sequence = 1; sequence < count; sequence++) {
    if (llama_state_seq_set_data(context, state, size, sequence) != size) {
      fail("cannot copy a sequence of %zu bytes to %d", size, sequence);
    }
  }
  free(state);
}

void engine_forget(int sequence, int from) {
  if (!llama_memory_seq_rm(llama_get_memory(context), sequence, from, -1)) {
    fail("cannot remove sequence %d from position %d on", sequence, from);
  }
}
