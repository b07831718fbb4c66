/** Measurements: how fast the engine is, where its time goes and what 8-bit weights cost. */
package io.qwark.bench;
