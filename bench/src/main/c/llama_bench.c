/*
 * Runs llama.cpp for the comparison: llama_bench MODEL LIBRARY_FOLDER THREADS
 *
 * Prints a line that starts with `ready` when the model is loaded, and then answers each line of
 * its standard input with one that starts with `result`, or ends with one that starts with `error`.
 * A job is: KIND LIMIT OUTPUT:TOKEN,TOKEN,... OUTPUT:TOKEN,... with a word for each request, where
 * KIND is decode, prefill or mixed, LIMIT a number of seconds (0 for none) and OUTPUT the number of
 * tokens to generate.
 */
#include "llama_api.h"
#include "llama_rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int number(char **text, const char *what) {
  char *end;
  long value = strtol(*text, &end, 10);
  if (end == *text || value < 0 || value > INT32_MAX) {
    fail("%s expected at `%.20s`", what, *text);
  }
  *text = end;
  return (int)value;
}

static struct request parse_request(char *word) {
  struct request request = {0};
  request.output = number(&word, "a number of tokens");
  size_t tokens = 1;
  for (char *c = word; *c; c++) {
    tokens += *c == ',';
  }
  request.prompt = malloc(tokens * sizeof *request.prompt);
  do {
    word++; /* the colon, or a comma */
    request.prompt[request.input++] = number(&word, "a token");
  } while (*word == ',');
  if (*word != '\0' || request.output < 1) {
    fail("a request ends with `%.20s`", word);
  }
  return request;
}

static struct job parse(char *line) {
  struct job job = {0};
  char *kind = strtok(line, " \n");
  char *limit = strtok(NULL, " \n");
  if (kind == NULL || limit == NULL) {
    fail("a job has a kind and a limit");
  }
  snprintf(job.kind, sizeof job.kind, "%s", kind);
  job.limit = strtod(limit, NULL);
  for (char *word = strtok(NULL, " \n"); word != NULL; word = strtok(NULL, " \n")) {
    job.requests = realloc(job.requests, (size_t)(job.count + 1) * sizeof *job.requests);
    job.requests[job.count++] = parse_request(word);
  }
  if (job.count == 0) {
    fail("a job has requests");
  }
  return job;
}

static void run(const struct job *job) {
  bool decoding = strcmp(job->kind, "decode") == 0;
  if (!decoding && strcmp(job->kind, "prefill") != 0 && strcmp(job->kind, "mixed") != 0) {
    fail("there is no job `%s`", job->kind);
  }
  struct setup setup = tuned(job);
  struct result result = decoding ? decode(job, setup) : serve(job, setup);
  printf("result seconds=%.6f tokens=%ld prompt_tokens=%ld first=%d stopped=%s", result.seconds,
         result.tokens, result.prompt_tokens, result.first, result.stopped ? "true" : "false");
  printf(" flash_attention=%s kv_cache=%s\n", setup.flash ? "on" : "off",
         job->count == 1 ? "one" : setup.unified ? "unified" : "per_sequence");
}

int main(int argc, char **argv) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  if (argc != 4) {
    fail("usage: llama_bench MODEL LIBRARY_FOLDER THREADS");
  }
  double seconds = engine_open(argv[1], argv[2], atoi(argv[3]));
  printf("ready load_ms=%.1f version=%s processor=%s\n", seconds * 1e3, llama_version(),
         engine_processor());
  char *line = NULL;
  size_t capacity = 0;
  while (getline(&line, &capacity, stdin) > 0) {
    struct job job = parse(line);
    run(&job);
    for (int i = 0; i < job.count; i++) {
      free(job.requests[i].prompt);
    }
    free(job.requests);
  }
  return 0;
}
