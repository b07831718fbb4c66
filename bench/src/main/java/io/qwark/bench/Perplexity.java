package io.qwark.bench;

import io.qwark.engine.Models;
import io.qwark.engine.checkpoint.ModelConfig;
import io.qwark.engine.checkpoint.ModelFiles;
import io.qwark.engine.checkpoint.Tensors;
import io.qwark.engine.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Perplexity of a text under a model in float32 and in each way of holding weights, keys and
 * values: windows of the text, each by itself, whose first token is not scored.
 */
final class Perplexity {
  private Perplexity() {}

  private static final String AGAINST = "int8/float32,int8/bfloat16,int8/int8,int4";

  /** A way of holding the model, and what it has come to. */
  private record Candidate(HeldAs held, Surprise surprise, Divergence from) {
    Candidate(HeldAs held) {
      this(held, new Surprise(), new Divergence());
    }
  }

  /** Sum of negative log-probabilities, in nats. */
  private static final class Surprise {
    private double sum;
    private int tokens;

    void add(float[] scores, int token) {
      sum += Divergence.logSumExp(scores) - scores[token];
      tokens++;
    }

    double perplexity() {
      return Math.exp(sum / tokens);
    }
  }

  public static void main(String[] args) {
    Arguments.run(
        args,
        "Perplexity --model PATH --text FILE [--tokens 8192] [--window 512] [--threads N]"
            + " [--against "
            + AGAINST
            + "]",
        arguments -> {
          Path model = Path.of(arguments.required("model"));
          Path text = Path.of(arguments.required("text"));
          int tokens = arguments.integer("tokens", 8192);
          int window = arguments.integer("window", 512);
          int threads = arguments.integer("threads", Runtime.getRuntime().availableProcessors());
          List<Candidate> others =
              arguments.words("against", AGAINST).stream()
                  .map(word -> new Candidate(HeldAs.of(word)))
                  .toList();
          arguments.requireAllUsed();
          ModelFiles files = Models.open(model);
          List<int[]> windows = windows(files, text, tokens, window);
          System.out.print(measure(files, windows, others, threads));
        });
  }

  private static TextTable measure(
      ModelFiles files, List<int[]> windows, List<Candidate> others, int threads) {
    ModelConfig config = files.config();
    Tensors tensors = files.tensors();
    Candidate reference = new Candidate(HeldAs.FLOAT32);
    List<TeacherForcing> models = new ArrayList<>();
    try {
      for (Candidate c : others) {
        models.add(new TeacherForcing(config, tensors, c.held(), threads));
      }
      models.add(new TeacherForcing(config, tensors, reference.held(), threads));
      for (int[] each : windows) {
        compare(each, reference, models.get(others.size()), others, models);
      }
    } finally {
      models.forEach(TeacherForcing::close);
    }
    return table(reference, others);
  }

  private static List<int[]> windows(ModelFiles files, Path text, int tokens, int window)
      throws IOException {
    int[] all;
    try (Tokenizer tokenizer = Tokenizer.of(files.tokenizerJson(), files.path())) {
      all = tokenizer.encode(Files.readString(text));
    }
    List<int[]> windows = new ArrayList<>();
    for (int from = 0; from + window <= Math.min(tokens, all.length); from += window) {
      windows.add(Arrays.copyOfRange(all, from, from + window));
    }
    return windows;
  }

  private static void compare(
      int[] window,
      Candidate reference,
      TeacherForcing model,
      List<Candidate> others,
      List<TeacherForcing> models) {
    int[] first = {window[0]};
    int[] rest = Arrays.copyOfRange(window, 1, window.length);
    List<float[]> expected = model.scores(first, rest);
    for (int t = 0; t < rest.length; t++) {
      reference.surprise().add(expected.get(t), rest[t]);
    }
    for (int i = 0; i < others.size(); i++) {
      List<float[]> scores = models.get(i).scores(first, rest);
      for (int t = 0; t < rest.length; t++) {
        others.get(i).surprise().add(scores.get(t), rest[t]);
        others.get(i).from().add(expected.get(t), scores.get(t));
      }
    }
  }

  private static TextTable table(Candidate reference, List<Candidate> others) {
    TextTable table =
        new TextTable("held as", "perplexity", "against float32", "agreement", "mean KL");
    double base = reference.surprise().perplexity();
    table.row(reference.held().toString(), format("%.4f", base), "", "", "");
    for (Candidate other : others) {
      double perplexity = other.surprise().perplexity();
      table.row(
          other.held().toString(),
          format("%.4f", perplexity),
          format("%+.2f %%", 100 * (perplexity / base - 1)),
          format("%.2f %%", 100 * other.from().agreement()),
          format("%.2e", other.from().mean()));
    }
    return table;
  }

  private static String format(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }
}
