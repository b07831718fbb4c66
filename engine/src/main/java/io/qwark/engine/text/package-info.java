/**
 * Text into tokens and back: tokenizer, chat templates, incremental decoding, stop strings, and the
 * split of reasoning from answer.
 */
package io.qwark.engine.text;
