/*
 * What the comparison calls of llama.cpp's C interface, as version 0.5.0 has it (the one inside the
 * npm package that bench/run.sh names). The package holds libraries without headers. Where fields
 * of the parameters lie was read off the default values; check_interface() in llama_engine.c looks
 * at them again, so that another version is refused and not misread.
 */
#ifndef LLAMA_API_H
#define LLAMA_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct llama_model;
struct llama_context;
struct llama_memory;
struct ggml_threadpool;
struct ggml_device;
struct ggml_backend_registration;

/* All of it is left at its defaults. */
struct llama_model_params {
  uint8_t bytes[80];
};

struct llama_context_params {
  uint32_t n_ctx; /* tokens of all sequences together */
  uint32_t n_batch;
  uint32_t n_ubatch;
  uint32_t n_seq_max;
  uint32_t unused_a[3];
  int32_t n_threads;
  int32_t n_threads_batch;
  int32_t unused_b[4];
  int32_t flash_attn_type; /* -1 automatic, 0 off, 1 on */
  float unused_c[8];
  void *unused_d[2];
  int32_t type_k; /* 1 is half precision */
  int32_t type_v;
  void *unused_e[2];
  bool embeddings;
  bool offload_kqv;
  bool no_perf;
  bool op_offload;
  bool swa_full;
  bool kv_unified; /* one cache for all sequences, or one for each */
  void *unused_f[3];
};

struct llama_batch {
  int32_t n_tokens;
  int32_t *token;
  float *embd;
  int32_t *pos;
  int32_t *n_seq_id;
  int32_t **seq_id;
  int8_t *logits;
};

struct ggml_threadpool_params {
  bool cpumask[512];
  int32_t n_threads;
  int32_t priority;
  uint32_t poll;
  bool strict_cpu;
  bool paused;
};

typedef void (*llama_log_callback)(int level, const char *text, void *data);
typedef struct ggml_threadpool *(*ggml_threadpool_new_function)(struct ggml_threadpool_params *);

const char *llama_version(void);
void llama_log_set(llama_log_callback callback, void *data);
void llama_backend_init(void);

struct llama_model_params llama_model_default_params(void);
struct llama_model *llama_model_load_from_file(const char *path, struct llama_model_params params);
uint64_t llama_model_n_params(const struct llama_model *model);
const void *llama_model_get_vocab(const struct llama_model *model);
int32_t llama_vocab_n_tokens(const void *vocabulary);

struct llama_context_params llama_context_default_params(void);
struct llama_context *llama_init_from_model(struct llama_model *model,
                                            struct llama_context_params params);
void llama_free(struct llama_context *context);
uint32_t llama_n_ctx(const struct llama_context *context);
uint32_t llama_n_ctx_seq(const struct llama_context *context);
uint32_t llama_n_batch(const struct llama_context *context);
uint32_t llama_n_ubatch(const struct llama_context *context);
uint32_t llama_n_seq_max(const struct llama_context *context);
int32_t llama_n_threads(struct llama_context *context);
int32_t llama_n_threads_batch(struct llama_context *context);
void llama_attach_threadpool(struct llama_context *context, struct ggml_threadpool *pool,
                             struct ggml_threadpool *batch_pool);

struct llama_batch llama_batch_init(int32_t tokens, int32_t embedding, int32_t sequences);
int32_t llama_decode(struct llama_context *context, struct llama_batch batch);
float *llama_get_logits_ith(struct llama_context *context, int32_t index);

struct llama_memory *llama_get_memory(const struct llama_context *context);
void llama_memory_clear(struct llama_memory *memory, bool data);
bool llama_memory_seq_rm(struct llama_memory *memory, int32_t sequence, int32_t from, int32_t to);
size_t llama_state_seq_get_size(struct llama_context *context, int32_t sequence);
size_t llama_state_seq_get_data(struct llama_context *context, uint8_t *to, size_t size,
                                int32_t sequence);
size_t llama_state_seq_set_data(struct llama_context *context, const uint8_t *from, size_t size,
                                int32_t sequence);

void ggml_backend_load_all_from_path(const char *folder);
struct ggml_device *ggml_backend_dev_by_type(int type); /* 0 is the processor */
struct ggml_backend_registration *ggml_backend_dev_backend_reg(struct ggml_device *device);
void *ggml_backend_reg_get_proc_address(struct ggml_backend_registration *registration,
                                        const char *name);
void ggml_threadpool_params_init(struct ggml_threadpool_params *params, int threads);

#endif
