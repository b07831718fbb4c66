package io.qwark.bench.gpu;

import io.qwark.bench.Divergence;
import io.qwark.bench.GreedyTexts;
import io.qwark.bench.TeacherForcing;
import io.qwark.engine.api.Quantization;
import io.qwark.engine.api.UserException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Compares a device's scores with those of the CPU in float32, token by token of given texts. */
final class AgainstFloat32 {
  private final String name;
  private final Path folder;
  private final List<GreedyTexts.Text> texts;
  private final List<float[]> reference;

  AgainstFloat32(String name, Path folder, List<GreedyTexts.Text> texts) {
    this.name = name;
    this.folder = folder;
    this.texts = texts;
    this.reference = scores(Quantization.FLOAT32, "cpu");
  }

  Verdict compare(Quantization quantization, String device) {
    String way = quantization.wireName();
    List<float[]> scores;
    try {
      scores = scores(quantization, device);
    } catch (UserException e) {
      return Verdict.refused(name, way, e.getMessage());
    } catch (RuntimeException e) {
      return Verdict.failed(name, way, e);
    }
    Divergence divergence = new Divergence();
    double differences = 0;
    int position = 0;
    for (GreedyTexts.Text text : texts) {
      for (int token : text.output()) {
        float[] ours = scores.get(position);
        float[] theirs = reference.get(position);
        divergence.add(theirs, ours);
        differences += Math.abs(logprob(ours, token) - logprob(theirs, token));
        position++;
      }
    }
    return verdict(quantization, divergence, differences / position);
  }

  private Verdict verdict(Quantization quantization, Divergence divergence, double logprob) {
    Tolerance tolerance = Tolerance.of(quantization);
    double mean = divergence.mean();
    double agreement = divergence.agreement();
    return Verdict.of(
        name,
        quantization.wireName(),
        new Verdict.Closeness(divergence.positions(), agreement, mean, logprob, null),
        // Written so that NaN does not pass.
        mean <= tolerance.divergence() && agreement >= tolerance.agreement(),
        "a KL of up to %.0e and an agreement of %.1f %% were expected"
            .formatted(tolerance.divergence(), 100 * tolerance.agreement()));
  }

  private static double logprob(float[] scores, int token) {
    return scores[token] - Divergence.logSumExp(scores);
  }

  private List<float[]> scores(Quantization quantization, String device) {
    try (TeacherForcing model = new TeacherForcing(folder, quantization, device)) {
      List<float[]> scores = new ArrayList<>();
      for (GreedyTexts.Text text : texts) {
        scores.addAll(model.scores(text.prompt(), text.output()));
      }
      return scores;
    }
  }
}
