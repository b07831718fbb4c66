/**
 * The model itself: TorchScript programs written by Java, run by DJL's PyTorch engine. One thread
 * owns a module and its tensors.
 */
package io.qwark.engine.torch;
