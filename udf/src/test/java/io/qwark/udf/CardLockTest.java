package io.qwark.udf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.qwark.engine.api.ModelFactory;
import io.qwark.engine.api.Placement;
import io.qwark.engine.api.UserException;
import io.qwark.udf.testing.CardHolder;
import io.qwark.udf.testing.ScriptedFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class CardLockTest {
  @TempDir Path temporary;
  private Path folder;

  @BeforeEach
  void chooseFolder() {
    folder = temporary.resolve("locks");
  }

  private CardLock lock(Duration patience) {
    return new CardLock(folder, "GPU-1", "this process", patience);
  }

  @Test
  void aCardOfAnotherProcessIsRefusedAndItsHolderNamed() throws Exception {
    try (CardHolder other = CardHolder.start(folder, "GPU-1", "process 7 (executor 2 of app)")) {
      UserException mistake =
          assertThrows(UserException.class, () -> lock(Duration.ofMillis(200)).take());
      assertEquals("Cannot use the GPU GPU-1", mistake.problem());
      assertEquals("process 7 (executor 2 of app) has a replica on it", mistake.reason());
      assertTrue(mistake.remedy().contains("spark.qwark.gpu.shared"), mistake.remedy());
      // Other cards are free.
      new CardLock(folder, "GPU-2", "this process", Duration.ZERO).take().close();
    }
    // Its end has set the card free, though nobody gave it back.
    lock(Duration.ofSeconds(30)).take().close();
  }

  @Test
  void aProcessThatIsAboutToEndIsWaitedFor() throws Exception {
    CardHolder other = CardHolder.start(folder, "GPU-1", "process 7");
    Thread end =
        new Thread(
            () -> {
              try {
                Thread.sleep(300);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              other.close();
            });
    end.start();
    lock(Duration.ofSeconds(60)).take().close();
    end.join();
  }

  @Test
  void oneProcessMayTakeItsCardTwiceAndKeepsItUntilBothAreGivenBack() throws Exception {
    CardLock.Held one = lock(Duration.ZERO).take();
    CardLock.Held two = lock(Duration.ZERO).take();
    one.close();
    assertEquals("refused", CardHolder.attempt(folder, "GPU-1"), "it is still the first process's");
    two.close();
    assertEquals("taken", CardHolder.attempt(folder, "GPU-1"));
  }

  @Test
  void theFolderIsTheUsersAlone() throws Exception {
    lock(Duration.ZERO).take().close();
    assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)));

    Path link = Files.createSymbolicLink(temporary.resolve("link"), folder);
    CardLock through = new CardLock(link, "GPU-1", "this process", Duration.ZERO);
    UserException mistake = assertThrows(UserException.class, through::take);
    assertTrue(mistake.remedy().contains("spark.qwark.gpu.lockFolder"), mistake.remedy());
  }

  @Test
  void theDefaultFolderHasTheUsersNumber() throws Exception {
    Object uid = Files.getAttribute(temporary, "unix:uid");
    assertEquals(Path.of("/tmp/qwark-gpus-" + uid), CardLock.defaultFolder());
  }

  @Test
  void aReplicaHoldsItsCardFromLoadingUntilItIsClosed() throws Exception {
    Replicas replicas = new Replicas();
    Seat seat = new Seat(new Placement("cuda:0", 1), lock(Duration.ZERO));
    ModelFactory models = ScriptedFactory.named("holds its card");
    replicas.replica(models, seat, "stage").await(() -> false);
    assertEquals("refused", CardHolder.attempt(folder, "GPU-1"));
    replicas.closeAll();
    assertEquals("taken", CardHolder.attempt(folder, "GPU-1"));
  }

  @Test
  void aReplicaThatCannotBeLoadedGivesItsCardBack() throws Exception {
    Seat seat = new Seat(new Placement("cuda:0", 1), lock(Duration.ZERO));
    ModelFactory models = new ScriptedFactory("gives its card back", 1, 0, "bug");
    Replica replica = new Replicas().replica(models, seat, "stage");
    assertThrows(IllegalStateException.class, () -> replica.await(() -> false));
    assertEquals("taken", CardHolder.attempt(folder, "GPU-1"));
  }
}
