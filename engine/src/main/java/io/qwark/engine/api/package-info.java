/** The engine's vocabulary: what goes in, what comes out and what can go wrong. Free of tensors. */
package io.qwark.engine.api;
