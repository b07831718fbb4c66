package io.qwark.bench;

import io.qwark.engine.api.GenerationDefaults;
import io.qwark.engine.api.SamplingOptions;
import io.qwark.engine.api.SamplingParams;
import io.qwark.engine.api.TokenLogprob;
import io.qwark.engine.sample.Candidates;
import io.qwark.engine.sample.RandomStream;
import io.qwark.engine.sample.Sampler;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Choosing one token, from a shortlist and from Qwen3's whole vocabulary. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class SamplerBenchmark {
  private static final int VOCABULARY = 151_936;

  private final RandomStream random = RandomStream.of(1, new int[] {1, 2, 3}, 0);
  private final SamplingParams topK = params(0.6, 0.95, 20);
  private final SamplingParams nucleus = params(0.6, 0.95, 0);
  private final SamplingParams greedy = params(0.0, 1.0, 0);
  private Candidates shortlist;
  private float[] scores;
  private int drawn;

  @Setup
  public void prepare() {
    Random source = new Random(7);
    scores = new float[VOCABULARY];
    for (int i = 0; i < VOCABULARY; i++) {
      // About as far apart as a language model's: a few candidates hold most of the probability.
      scores[i] = (float) (3 * source.nextGaussian());
    }
    int n = Sampler.MAX_SHORTLIST;
    int[] ids = source.ints(n, 0, VOCABULARY).toArray();
    float[] best = new float[n];
    for (int i = 0; i < n; i++) {
      best[i] = 20 - i * 0.2f;
    }
    shortlist = new Candidates(ids, best, best, 21);
  }

  @Benchmark
  public TokenLogprob shortlistTopK20() {
    return Sampler.choose(shortlist, topK, random.uniform(drawn++));
  }

  @Benchmark
  public TokenLogprob shortlistGreedy() {
    return Sampler.choose(shortlist, greedy, 0);
  }

  @Benchmark
  public TokenLogprob wholeVocabulary() {
    return Sampler.choose(Candidates.all(scores, scores, 21), nucleus, random.uniform(drawn++));
  }

  private static SamplingParams params(double temperature, double topP, int topK) {
    return SamplingOptions.builder()
        .temperature(temperature)
        .topP(topP)
        .topK(topK)
        .build()
        .resolve(GenerationDefaults.none(List.of()));
  }
}
