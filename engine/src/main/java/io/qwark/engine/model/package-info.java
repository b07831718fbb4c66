/** What the engine needs of a model, free of tensors. */
package io.qwark.engine.model;
