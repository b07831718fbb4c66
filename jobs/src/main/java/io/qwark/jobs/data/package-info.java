/**
 * Reads what people have — JSON lines, JSON, Parquet, CSV — into prompts. A row that cannot be used
 * becomes a row that says why; a file that cannot be used is an error before any model is loaded.
 */
package io.qwark.jobs.data;
