package io.qwark.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Compares a way of holding models with float32 on texts that float32 wrote greedily: at each
 * token, do both choose the same, and how far is its distribution from float32's?
 */
final class QuantizationError {
  private QuantizationError() {}

  public static void main(String[] args) {
    Arguments.run(
        args,
        "QuantizationError [--quantization int8] [--lm-head-quantization auto] [--kv-cache-dtype auto]",
        arguments -> {
          HeldAs held = HeldAs.of(arguments);
          arguments.requireAllUsed();
          System.out.print(measure(held));
        });
  }

  private static TextTable measure(HeldAs held) throws IOException {
    TextTable table =
        new TextTable(
            "model", "texts", "tokens", "agreement", "mean KL", "99 % below", "largest KL");
    Path quickstart = Repository.file("datasets/quickstart");
    row(
        table,
        held,
        "quickstart, its problems",
        quickstart.resolve("model"),
        GreedyTexts.solutions(quickstart.resolve("model"), quickstart.resolve("problems.jsonl")));
    Path goldens = Repository.file("engine/src/test/resources/goldens");
    row(
        table,
        held,
        "quickstart, goldens",
        quickstart.resolve("model"),
        GreedyTexts.goldens(goldens.resolve("quickstart/greedy.jsonl")));
    for (String name : List.of("random-tied", "random-untied")) {
      Path folder = goldens.resolve(name);
      row(
          table,
          held,
          name + ", goldens",
          folder.resolve("model"),
          GreedyTexts.goldens(folder.resolve("greedy.jsonl")));
    }
    return table;
  }

  private static void row(
      TextTable table, HeldAs held, String name, Path model, List<GreedyTexts.Text> texts) {
    Divergence divergence = new Divergence();
    try (TeacherForcing float32 = new TeacherForcing(model, HeldAs.FLOAT32);
        TeacherForcing compared = new TeacherForcing(model, held)) {
      for (GreedyTexts.Text text : texts) {
        List<float[]> reference = float32.scores(text.prompt(), text.output());
        List<float[]> other = compared.scores(text.prompt(), text.output());
        for (int i = 0; i < reference.size(); i++) {
          divergence.add(reference.get(i), other.get(i));
        }
      }
    }
    table.row(
        name,
        Integer.toString(texts.size()),
        Integer.toString(divergence.positions()),
        "%.2f %%".formatted(100 * divergence.agreement()),
        "%.2e".formatted(divergence.mean()),
        "%.2e".formatted(divergence.quantile(0.99)),
        "%.2e".formatted(divergence.quantile(1)));
  }
}
