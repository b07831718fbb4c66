package io.qwark.udf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.qwark.engine.api.Generation;
import io.qwark.engine.api.Prompt;
import java.util.concurrent.CompletableFuture;
import org.apache.spark.TaskKilledException;
import org.apache.spark.sql.RowFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class SampleWindowTest {
  private final SampleWindow window = new SampleWindow(() -> 2);

  private CompletableFuture<Generation> add(int index) {
    CompletableFuture<Generation> future = new CompletableFuture<>();
    window.add(new Sample(RowFactory.create(), index, new Prompt.Text("p"), null), future);
    return future;
  }

  @Test
  void roomIsForAsManyAsItsCapacityAndComesBackWithEachThatFinishes() {
    CompletableFuture<Generation> first = add(0);
    assertTrue(window.hasRoom());
    CompletableFuture<Generation> second = add(1);
    assertFalse(window.hasRoom());
    second.complete(null);
    assertTrue(window.hasRoom());
    assertEquals(1, window.take(() -> false).sample().index());
    first.complete(null);
    assertFalse(window.isEmpty());
    assertEquals(0, window.take(() -> false).sample().index());
    assertTrue(window.isEmpty());
  }

  @Test
  void finishedSamplesThatNobodyTakesStopItToo() {
    add(0).complete(null);
    add(1).complete(null);
    assertFalse(window.hasRoom());
    window.take(() -> false);
    assertTrue(window.hasRoom());
  }

  @Test
  void closingCancelsWhatIsUnderWay() {
    CompletableFuture<Generation> future = add(0);
    window.close();
    assertTrue(future.isCancelled());
    assertEquals(0, window.take(() -> false).sample().index());
  }

  @Test
  @Timeout(60)
  void samplesThatFinishOnOtherThreadsAreNeverWaitedForInVain() {
    SampleWindow narrow = new SampleWindow(() -> 1);
    for (int i = 0; i < 3000; i++) {
      assertTrue(narrow.hasRoom());
      narrow.add(
          new Sample(RowFactory.create(), i, null, null),
          CompletableFuture.supplyAsync(() -> null));
      assertEquals(i, narrow.take(() -> false).sample().index());
    }
  }

  @Test
  void waitingEndsWhenTheTaskIsKilledOrInterrupted() {
    var unused = add(0);
    assertThrows(TaskKilledException.class, () -> window.take(() -> true));
    Thread.currentThread().interrupt();
    assertThrows(TaskKilledException.class, () -> window.take(() -> false));
    assertTrue(Thread.interrupted());
  }
}
