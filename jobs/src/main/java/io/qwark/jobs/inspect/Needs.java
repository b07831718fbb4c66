package io.qwark.jobs.inspect;

import io.qwark.engine.HostMemory;
import io.qwark.engine.api.Quantization;
import io.qwark.engine.api.UserException;
import io.qwark.engine.cuda.CardMemory;
import io.qwark.engine.cuda.Cards;
import io.qwark.engine.cuda.CudaCard;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/** What a model needs on each device of this machine, held in each way. */
final class Needs {
  private static final List<Quantization> WAYS =
      Arrays.stream(Quantization.values()).filter(q -> q != Quantization.AUTO).toList();

  private final MemoryNeed.Model model;
  private final int context;
  private final int batch;
  private final List<MemoryNeed> found = new ArrayList<>();
  private final List<String> obstacles = new ArrayList<>();

  /**
   * @param context tokens of a sample
   * @param batch samples at a time
   */
  Needs(MemoryNeed.Model model, int context, int batch) {
    this.model = model;
    this.context = context;
    this.batch = batch;
  }

  void addCpu(HostMemory host) {
    add("", way -> MemoryNeed.onCpu(model, way, context, batch, host));
  }

  /**
   * Of cards that are alike one is enough.
   *
   * @param memory asks a card
   */
  void addCards(Cards cards, Function<CudaCard, CardMemory> memory) {
    Set<String> seen = new HashSet<>();
    for (CudaCard card : cards.all()) {
      if (seen.add(card.name())) {
        try {
          CardMemory now = memory.apply(card);
          add(
              card.device() + ", ",
              way -> MemoryNeed.onCard(model, way, context, batch, card, now));
        } catch (UserException e) {
          obstacles.add(e.problem() + ": " + e.reason());
        }
      }
    }
  }

  private void add(String where, Function<Quantization, MemoryNeed> need) {
    for (Quantization way : WAYS) {
      try {
        found.add(need.apply(way));
      } catch (UserException e) {
        obstacles.add(where + way.wireName() + ": " + e.problem() + ": " + e.reason());
      }
    }
  }

  List<MemoryNeed> found() {
    return found;
  }

  List<String> obstacles() {
    return obstacles;
  }
}
