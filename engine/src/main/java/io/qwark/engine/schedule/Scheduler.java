package io.qwark.engine.schedule;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Continuous batching: every step takes one token of each running sequence and fills what is left
 * of its token budget with pieces of prompts. Sequences are admitted in the order they came, as the
 * cache has room; when it runs out, the youngest goes back to waiting and is computed anew later.
 */
public final class Scheduler {
  /** Slots are handed out in multiples of this. */
  private static final int GRANULE = 64;

  private final KvSpace space;
  private final int maxNumSeqs;
  private final int maxNumBatchedTokens;
  private final Chunking chunking;
  private final Deque<Sequence> waiting = new ArrayDeque<>();

  /** Oldest first. */
  private final List<Sequence> running = new ArrayList<>();

  public Scheduler(int cacheTokens, int maxNumSeqs, int maxNumBatchedTokens) {
    this.space = new KvSpace(cacheTokens);
    this.maxNumSeqs = maxNumSeqs;
    this.maxNumBatchedTokens = maxNumBatchedTokens;
    this.chunking = new Chunking(maxNumBatchedTokens - maxNumSeqs);
  }

  /** Takes a sequence in that lies in no cache, or in one that is gone. */
  public void add(Sequence sequence) {
    if (sequence.maxLength() > space.capacity()) {
      throw new IllegalArgumentException(
          "a sequence of up to " + sequence.maxLength() + " tokens in " + space.capacity());
    }
    sequence.lose();
    waiting.add(sequence);
  }

  /** Takes a sequence out, finished or not, and frees its slots. */
  public void remove(Sequence sequence) {
    if (running.remove(sequence)) {
      free(sequence);
    } else {
      waiting.remove(sequence);
    }
  }

  public int running() {
    return running.size();
  }

  public int waiting() {
    return waiting.size();
  }

  public int cacheTokens() {
    return space.capacity();
  }

  /** Slots that no sequence holds. */
  public int freeCacheTokens() {
    return space.freeTokens();
  }

  /**
   * The next step, which the caller carries out as a whole before it asks for another: all its
   * tokens count as computed from now on. Empty if there is nothing to do.
   */
  public StepPlan plan() {
    Step step = new Step();
    step.continueRunning();
    step.admitWaiting();
    step.runs.forEach(run -> run.sequence().computed(run.end()));
    return new StepPlan(step.moves, step.runs, step.preempted);
  }

  private void free(Sequence sequence) {
    space.release(sequence.extent());
    sequence.lose();
  }

  /** A plan in the making. */
  private final class Step {
    private final List<CacheMove> moves = new ArrayList<>();
    private final List<Run> runs = new ArrayList<>();
    private int budget = maxNumBatchedTokens;
    private int preempted;

    /** New tokens before pieces of prompts, so that no prompt holds up what is being written. */
    void continueRunning() {
      for (int i = 0; i < running.size(); i++) {
        Sequence sequence = running.get(i);
        if (sequence.computed() >= sequence.promptLength() && makeRoom(sequence)) {
          takeNext(sequence);
        }
      }
      for (Sequence sequence : running) {
        if (sequence.computed() < sequence.promptLength()) {
          takeNext(sequence);
        }
      }
    }

    void admitWaiting() {
      while (preempted == 0
          && budget > 0
          && running.size() < maxNumSeqs
          && !waiting.isEmpty()
          && fits(chunking.end(0, waiting.peek().promptLength()))) {
        Extent extent = space.allocate(rounded(waiting.peek(), waiting.peek().length() + 1));
        if (extent == null) {
          return;
        }
        Sequence sequence = waiting.remove();
        sequence.place(extent);
        running.add(sequence);
        takeNext(sequence);
      }
    }

    /** A whole chunk or nothing: see {@link Chunking}. */
    private void takeNext(Sequence sequence) {
      int from = sequence.computed();
      int end =
          from < sequence.promptLength()
              ? chunking.end(from, sequence.promptLength())
              : Math.min(sequence.length(), from + Math.max(1, budget));
      if (fits(end - from)) {
        runs.add(new Run(sequence, from, end - from, end == sequence.length()));
        budget -= end - from;
      }
    }

    private boolean fits(int tokens) {
      return tokens <= budget;
    }

    /** Whether the sequence has a slot for its last token and was not preempted itself. */
    private boolean makeRoom(Sequence sequence) {
      while (!hasRoom(sequence)) {
        Sequence youngest = running.remove(running.size() - 1);
        free(youngest);
        waiting.addFirst(youngest);
        preempted++;
        if (youngest == sequence) {
          return false;
        }
      }
      return true;
    }

    private boolean hasRoom(Sequence sequence) {
      Extent old = sequence.extent();
      int least = sequence.length();
      if (least <= old.capacity()) {
        return true;
      }
      int wanted = rounded(sequence, old.capacity() + old.capacity() / 2);
      Extent grown = space.extend(old, least, wanted);
      if (grown == null) {
        grown = space.allocate(wanted);
        if (grown == null) {
          grown = space.allocate(rounded(sequence, least));
        }
        if (grown == null) {
          return false;
        }
        moves.add(new CacheMove(old.start(), grown.start(), sequence.computed()));
        space.release(old);
      }
      sequence.place(grown);
      return true;
    }

    private int rounded(Sequence sequence, int tokens) {
      int granules = (tokens + GRANULE - 1) / GRANULE;
      return Math.min(sequence.maxLength(), granules * GRANULE);
    }
  }
}
