package io.qwark.bench;

import io.qwark.engine.api.ChatMessage;
import io.qwark.engine.text.ChatTemplate;
import io.qwark.engine.text.IncrementalDecoder;
import io.qwark.engine.text.Tokenizer;
import java.util.List;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/** Text on its way in and out, with the quickstart model's tokenizer. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class TextBenchmark {
  private final List<ChatMessage> conversation =
      List.of(
          new ChatMessage("system", "You solve small sums."),
          new ChatMessage("user", "How much is 31 plus 11?"),
          new ChatMessage("assistant", "<think>\n31 + 11 = 42\n</think>\n\n\\boxed{42}"),
          new ChatMessage("user", "And twice that? Put the answer within \\boxed{}."));

  private Tokenizer tokenizer;
  private String prompt;
  private int[] thousandTokens;

  @Setup
  public void prepare() {
    tokenizer = Tokenizer.open(Repository.file("datasets/quickstart/model/tokenizer.json"));
    prompt = renderConversation();
    int[] some = tokenizer.encode("So 31 + 11 = 42, das heißt 二 times 21: \uD83D\uDC4D\n");
    thousandTokens = new int[1000];
    for (int i = 0; i < thousandTokens.length; i++) {
      thousandTokens[i] = some[i % some.length];
    }
  }

  @TearDown
  public void close() {
    tokenizer.close();
  }

  @Benchmark
  public String renderConversation() {
    return ChatTemplate.QWEN3_THINKING_2507.render(conversation, List.of(), true, null);
  }

  @Benchmark
  public int[] encodeConversation() {
    return tokenizer.encode(prompt);
  }

  @Benchmark
  public void decodeThousandTokensOneByOne(Blackhole blackhole) {
    IncrementalDecoder decoder = tokenizer.decoder(true);
    for (int token : thousandTokens) {
      blackhole.consume(decoder.add(token));
    }
    blackhole.consume(decoder.finish());
  }
}
