package io.qwark.jobs.inspect;

import io.qwark.engine.checkpoint.Tensor;
import io.qwark.engine.checkpoint.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The tensors of one format.
 *
 * @param format as the file calls it
 * @param int8 what becomes of the matrices among them where weights are held in int8; null if there
 *     are none
 */
public record WeightFormat(String format, int tensors, long parameters, String int8) {

  static List<WeightFormat> of(Tensors tensors) {
    Map<String, List<Tensor>> byFormat = new TreeMap<>();
    for (Tensor tensor : tensors.entries()) {
      byFormat.computeIfAbsent(tensor.format(), f -> new ArrayList<>()).add(tensor);
    }
    List<WeightFormat> formats = new ArrayList<>();
    byFormat.forEach((format, all) -> formats.add(of(format, all)));
    return formats;
  }

  private static WeightFormat of(String format, List<Tensor> tensors) {
    List<Tensor> matrices = tensors.stream().filter(t -> t.shape().length == 2).toList();
    long exact = matrices.stream().filter(Tensor::int8Rows).count();
    String int8 = null;
    if (exact > 0 && exact == matrices.size()) {
      int8 = format + " -> int8 without rounding: its 8-bit rows are taken as they are";
    } else if (exact > 0) {
      int8 = format + " -> int8, one scale a row; " + exact + " matrices without rounding";
    } else if (!matrices.isEmpty()) {
      int8 = format + " -> int8, one scale a row";
    }
    long parameters = tensors.stream().mapToLong(Tensor::size).sum();
    return new WeightFormat(format, tensors.size(), parameters, int8);
  }
}
