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
    Worst worst = new Worst();
    double differences = 0;
    int position = 0;
    for (int i = 0; i < texts.size(); i++) {
      int[] output = texts.get(i).output();
      for (int at = 0; at < output.length; at++) {
        float[] ours = scores.get(position);
        float[] theirs = reference.get(position);
        worst.look(divergence.add(theirs, ours), i, at, theirs, ours);
        differences += Math.abs(logprob(ours, output[at]) - logprob(theirs, output[at]));
        position++;
      }
    }
    return verdict(quantization, divergence, differences / position, worst);
  }

  /** Where two ways of computing are furthest from each other. */
  static final class Worst {
    private double divergence = Double.NEGATIVE_INFINITY;
    private String text = "nowhere";

    void look(double kl, int prompt, int token, float[] expected, float[] got) {
      // What is not a number is as bad as can be, and the first of it tells most.
      if (kl > divergence || (Double.isNaN(kl) && !Double.isNaN(divergence))) {
        divergence = kl;
        int wanted = Divergence.best(expected);
        int found = Divergence.best(got);
        text =
            ("prompt %d, token %d, with a KL of %.1e: %d was expected with %.4f (and %d has %.4f),"
                    + " %d came with %.4f (and %d has %.4f)")
                .formatted(
                    prompt,
                    token,
                    kl,
                    wanted,
                    expected[wanted],
                    found,
                    expected[found],
                    found,
                    got[found],
                    wanted,
                    got[wanted]);
      }
    }

    @Override
    public String toString() {
      return text;
    }
  }

  private Verdict verdict(
      Quantization quantization, Divergence divergence, double logprob, Worst worst) {
    Tolerance tolerance = Tolerance.of(quantization);
    double mean = divergence.mean();
    double agreement = divergence.agreement();
    return Verdict.of(
        name,
        quantization.wireName(),
        new Verdict.Closeness(divergence.positions(), agreement, mean, logprob, null),
        // Written so that NaN does not pass.
        mean <= tolerance.divergence() && agreement >= tolerance.agreement(),
        ("a KL of up to %.0e and an agreement of %.1f %% were expected, %.1e and %.1f %% came;"
                + " worst at %s")
            .formatted(
                tolerance.divergence(), 100 * tolerance.agreement(), mean, 100 * agreement, worst));
  }

  private static double logprob(float[] scores, int token) {
    return scores[token] - Divergence.logSumExp(scores);
  }

  private List<float[]> scores(Quantization quantization, String device) {
    try (TeacherForcing model = TeacherForcing.on(device, folder, quantization)) {
      List<float[]> scores = new ArrayList<>();
      for (GreedyTexts.Text text : texts) {
        scores.addAll(model.scores(text.prompt(), text.output()));
      }
      return scores;
    }
  }
}
