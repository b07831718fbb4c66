package io.qwark.udf;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The cards that {@code nvidia-smi} shows to this process, by PCI bus; none where it is missing or
 * does not answer. It pays no heed to CUDA_VISIBLE_DEVICES.
 */
record HostCards(List<Card> cards) {
  private static final Logger LOG = LoggerFactory.getLogger(HostCards.class);
  private static final long PATIENCE_SECONDS = 30;
  private static final Pattern LINE = Pattern.compile("\\s*(\\d{1,4})\\s*,\\s*(GPU-[\\w-]+)\\s*");

  /**
   * @param index as nvidia-smi counts them; not always from 0 in a container
   * @param uuid the same in every process and container of the host
   */
  record Card(String index, String uuid) {}

  static HostCards look(String nvidiaSmi) {
    try {
      Process process =
          new ProcessBuilder(nvidiaSmi, "--query-gpu=index,uuid", "--format=csv,noheader")
              .redirectErrorStream(true)
              .start();
      process.getOutputStream().close();
      // What it prints fits into the pipe, so that a hanging one is not read for ever.
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        LOG.warn("{} did not answer within {} s", nvidiaSmi, PATIENCE_SECONDS);
        return new HostCards(List.of());
      }
      String output =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      if (process.exitValue() != 0) {
        LOG.warn("{} failed: {}", nvidiaSmi, output);
        return new HostCards(List.of());
      }
      return parse(output);
    } catch (IOException e) {
      LOG.info("There is no {} that could tell which card is which: {}", nvidiaSmi, e.getMessage());
      return new HostCards(List.of());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new HostCards(List.of());
    }
  }

  static HostCards parse(String output) {
    return new HostCards(
        output
            .lines()
            .map(LINE::matcher)
            .filter(Matcher::matches)
            .map(line -> new Card(line.group(1), line.group(2)))
            .toList());
  }

  /**
   * @param address an index or a UUID
   */
  Optional<Card> find(String address) {
    return cards.stream()
        .filter(card -> card.index().equals(address) || card.uuid().equals(address))
        .findFirst();
  }
}
