package io.qwark.udf.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Another process that has locked a card's file, as a replica of it would. Closing it kills it. It
 * knows nothing of the class that locks, so it shows that it is the file which counts.
 */
public final class CardHolder implements AutoCloseable {
  private final Process process;

  private CardHolder(Process process) {
    this.process = process;
  }

  /** Takes the card's file and keeps it. */
  public static CardHolder start(Path folder, String card, String owner) throws IOException {
    CardHolder holder = new CardHolder(launch(folder, card, owner));
    String answer = holder.answer();
    if (!answer.equals("taken")) {
      holder.close();
      throw new IllegalStateException(answer);
    }
    return holder;
  }

  /** Says {@code taken} or {@code refused}, and has ended then. */
  public static String attempt(Path folder, String card) throws IOException {
    try (CardHolder holder = new CardHolder(launch(folder, card, ""))) {
      return holder.answer();
    }
  }

  private static Process launch(Path folder, String card, String owner) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            Path.of(CardHolder.class.getProtectionDomain().getCodeSource().getLocation().getPath())
                .toString(),
            ChildMain.class.getName(),
            Main.class.getName(),
            folder.toString(),
            card,
            owner)
        .redirectErrorStream(true)
        .start();
  }

  private String answer() throws IOException {
    // Not to the end of the stream: a holder keeps it open.
    StringBuilder line = new StringBuilder();
    for (int c = process.getInputStream().read();
        c >= 0 && c != '\n';
        c = process.getInputStream().read()) {
      line.append((char) c);
    }
    return line.toString();
  }

  @Override
  public void close() {
    process.destroyForcibly();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What the process runs. */
  public static final class Main {
    private Main() {}

    public static void main(String[] arguments) throws Exception {
      Path folder = Files.createDirectories(Path.of(arguments[0]));
      Path file = folder.resolve(arguments[1] + ".lock");
      try (FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
        if (channel.tryLock() == null) {
          System.out.println("refused");
          return;
        }
        channel.truncate(0);
        channel.write(ByteBuffer.wrap(arguments[2].getBytes(StandardCharsets.UTF_8)));
        System.out.println("taken");
        // Until it is killed, or its parent is gone.
        Thread.sleep(Long.MAX_VALUE);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
