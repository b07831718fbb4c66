package io.qwark.engine.checkpoint;

import io.qwark.engine.api.UserException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A cursor over a checkpoint's tensors that checks their shapes and remembers which were taken, so
 * that missing and left-over weights are errors. {@link #in} goes into a prefix as {@code cd} goes
 * into a folder; all cursors of a checkpoint share what was taken. Not thread-safe.
 */
public final class Weights {
  private static final int SHOWN = 5;

  private final Tensors tensors;
  private final String prefix;
  private final Set<String> used;

  private Weights(Tensors tensors, String prefix, Set<String> used) {
    this.tensors = tensors;
    this.prefix = prefix;
    this.used = used;
  }

  /** A cursor at the root of a checkpoint, with nothing taken yet. */
  public static Weights of(Tensors tensors) {
    return new Weights(tensors, "", new HashSet<>());
  }

  /** A cursor further down, such as {@code model.layers.0}. */
  public Weights in(String name) {
    return new Weights(tensors, prefix + name + ".", used);
  }

  /** Whether the checkpoint has a tensor of this name; does not take it. */
  public boolean has(String name) {
    return tensors.find(prefix + name) != null;
  }

  /**
   * Takes a tensor.
   *
   * @param name relative to the cursor
   * @param shape what it must have; linear weights are {out, in}
   * @throws UserException if it is absent, of another shape or of a type that weights cannot have
   */
  public Tensor take(String name, long... shape) {
    String full = prefix + name;
    Tensor entry = tensors.find(full);
    if (entry == null) {
      throw mismatch("tensor " + full + " is missing");
    }
    if (!Arrays.equals(entry.shape(), shape)) {
      throw mismatch(
          "tensor "
              + full
              + " has shape "
              + Arrays.toString(entry.shape())
              + " and the model's config asks for "
              + Arrays.toString(shape));
    }
    if (entry instanceof TensorEntry plain && !plain.dtype().weight()) {
      throw new UserException(
          "Cannot load the weights in " + tensors.path(),
          "tensor " + full + " is of type " + entry.format(),
          "Choose a checkpoint with weights of type " + DType.weightTypes());
    }
    used.add(full);
    return entry;
  }

  /** Marks a tensor that may be there and is not needed, such as a tied model's lm_head. */
  public void ignore(String name) {
    used.add(prefix + name);
  }

  /**
   * @throws UserException if the checkpoint, whatever the cursor, holds tensors that were neither
   *     taken nor ignored
   */
  public void requireAllUsed() {
    List<String> left =
        tensors.entries().stream().map(Tensor::name).filter(name -> !used.contains(name)).toList();
    if (!left.isEmpty()) {
      String first =
          String.join(", ", left.stream().limit(SHOWN).map(Errors::shown).toList())
              + (left.size() > SHOWN ? ", …" : "");
      throw mismatch(
          "it holds " + left.size() + " tensors that the model has no use for: " + first);
    }
  }

  private UserException mismatch(String reason) {
    return new UserException(
        "Cannot load the weights in " + tensors.path(),
        reason,
        "Use a model whose config and weights belong together");
  }
}
