/**
 * Measurements: how fast the engine is, by itself and against llama.cpp, where its time goes and
 * what 8-bit weights cost.
 */
package io.qwark.bench;
