/**
 * Reads a Hugging Face model folder: the one place where its file and key names are known. Weights
 * are memory-mapped and never copied to the heap. What is wrong with a folder is a {@link
 * io.qwark.engine.api.UserException} that names the file, and the tensor where there is one.
 */
package io.qwark.engine.checkpoint;
