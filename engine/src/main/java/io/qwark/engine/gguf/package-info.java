/**
 * Reads GGUF files, the form in which llama.cpp, Ollama and LM Studio hold models
 * (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md): weights, shape, tokenizer and chat
 * template in one file. The one place where its names and block formats are known; everything
 * leaves it under Hugging Face's names. What is wrong with a file is a {@link
 * io.qwark.engine.api.UserException} that names the file.
 */
package io.qwark.engine.gguf;
