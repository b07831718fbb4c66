package io.qwark.jobs.inspect;

import io.qwark.engine.torch.Backend;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** An inspection for the terminal. */
public final class InspectionText {
  private static final int MOST_FILES = 4;

  private InspectionText() {}

  /** Prints facts line by line, and a table of what the model needs. */
  public static void print(Inspection model, PrintWriter out) {
    out.println(model.model());
    fact(
        out,
        "Kind",
        "%s, %,d layers of %,d, %,d heads of %,d (%,d for keys and values)",
        model.architecture(),
        model.layers(),
        model.hiddenSize(),
        model.attentionHeads(),
        model.headDim(),
        model.keyValueHeads());
    fact(out, "Size", "%,d parameters, vocabulary %,d", model.parameters(), model.vocabSize());
    fact(out, "Context", "%,d tokens", model.contextTrained());
    for (WeightFormat format : model.formats()) {
      fact(
          out,
          "Weights",
          "%s: %,d tensors, %,d parameters",
          format.format(),
          format.tensors(),
          format.parameters());
    }
    fact(out, "Files", "%s", files(model.files()));
    fact(
        out,
        "Template",
        "%s",
        model.chatTemplate() == null
            ? "none that is known: " + model.chatTemplateProblem()
            : model.chatTemplate());
    fact(out, "Licence", "%s", model.license() == null ? "not said" : model.license());
    out.println();
    out.printf(
        Locale.ROOT,
        "What a replica needs here for %,d samples of %,d tokens at a time:%n",
        model.batch(),
        model.context());
    needs(model, out);
    out.println();
    out.println("What happens to it:");
    happens(model, out);
    out.flush();
  }

  private static void needs(Inspection model, PrintWriter out) {
    String row = "  %-6s  %-8s  %-7s  %10s  %10s  %-9s  %10s  %10s  %s%n";
    out.printf(
        row,
        "Device",
        "Weights",
        "Kernels",
        "Weights",
        "KV cache",
        "held as",
        "Workspace",
        "Together",
        "Here");
    for (MemoryNeed need : model.needs()) {
      out.printf(
          row,
          need.device(),
          need.quantization(),
          need.kernels(),
          size(need.weightBytes()),
          size(need.cacheBytes()),
          need.kvCacheDtype(),
          size(need.workspaceBytes()),
          size(need.totalBytes()),
          (need.isEnough() ? "fits in " : "does not fit in ") + size(need.available()));
    }
    model.obstacles().forEach(obstacle -> out.println("  " + obstacle));
  }

  private static void happens(Inspection model, PrintWriter out) {
    for (WeightFormat format : model.formats()) {
      if (format.int8() != null) {
        out.println("  int8: " + format.int8());
      }
    }
    out.println("  float32: numbers as the format defines them; bfloat16: those rounded");
    if (model.needs().stream().anyMatch(need -> need.quantization().equals("int4"))) {
      out.println(
          "  int4: 16 values for each 32 of a row; the output layer in int8"
              + " unless lm_head_quantization is int4");
    }
    for (MemoryNeed need : model.needs()) {
      if (need.kernelsObstacle() != null && need.device().equals(Backend.CPU)) {
        out.println(
            "  " + need.quantization() + " without native kernels: " + need.kernelsObstacle());
      }
    }
  }

  private static String files(List<Inspection.FileSize> files) {
    long bytes = files.stream().mapToLong(Inspection.FileSize::bytes).sum();
    String names =
        files.stream()
            .limit(MOST_FILES)
            .map(Inspection.FileSize::name)
            .collect(Collectors.joining(", "));
    return size(bytes) + " in " + names + (files.size() > MOST_FILES ? ", …" : "");
  }

  private static String size(long bytes) {
    return bytes < 1L << 30
        ? String.format(Locale.ROOT, "%,.1f MiB", bytes / (double) (1 << 20))
        : String.format(Locale.ROOT, "%,.2f GiB", bytes / (double) (1 << 30));
  }

  private static void fact(PrintWriter out, String label, String format, Object... values) {
    out.printf(Locale.ROOT, "  %-9s %s%n", label, String.format(Locale.ROOT, format, values));
  }
}
