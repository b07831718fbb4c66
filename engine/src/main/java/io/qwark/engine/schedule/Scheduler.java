package io.qwark.engine.schedule;

import io.qwark.engine.api.Speculative;
import io.qwark.engine.schedule.PrefixIndex.Match;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.TreeSet;

/**
 * Continuous batching: every step takes one token of each running sequence and fills what is left
 * of its token budget with pieces of prompts. Sequences are admitted in the order they came, as the
 * cache has room; one whose beginning another is about to compute lets others pass until it can
 * have it, too. When the cache runs out, the youngest goes back to waiting and is computed anew
 * later.
 */
public final class Scheduler {
  /** Slots are asked for in multiples of this. */
  private static final int GRANULE = 16;

  private static final Comparator<Sequence> OLDEST_FIRST =
      Comparator.comparingLong(Sequence::arrival);

  private final PrefixCache cache;
  private final int maxNumSeqs;
  private final StepLimit limit;
  private final Chunking chunking;
  private final Speculative speculative;
  private final Pace pace;
  private final Headroom headroom = new Headroom();
  private final TreeSet<Sequence> waiting = new TreeSet<>(OLDEST_FIRST);

  /** Oldest first. */
  private final List<Sequence> running = new ArrayList<>();

  private long arrivals;

  /** A scheduler that has everything computed. */
  public Scheduler(int cacheTokens, int maxNumSeqs, int maxNumBatchedTokens) {
    this(cacheTokens, maxNumSeqs, maxNumBatchedTokens, PrefixReuse.NONE, null, 1);
  }

  /**
   * @param speculative how tokens are guessed ahead, or null not to
   * @param stepsAhead most tokens of a sequence that are decoded in one call
   */
  public Scheduler(
      int cacheTokens,
      int maxNumSeqs,
      int maxNumBatchedTokens,
      PrefixReuse reuse,
      Speculative speculative,
      int stepsAhead) {
    this.maxNumSeqs = maxNumSeqs;
    this.speculative = speculative;
    this.pace = new Pace(stepsAhead);
    this.chunking = new Chunking(maxNumBatchedTokens - maxNumSeqs);
    this.limit = new StepLimit(maxNumSeqs, maxNumBatchedTokens, chunking.largest());
    this.cache = new PrefixCache(new KvSpace(cacheTokens), reuse, chunking);
  }

  /** Most tokens of a prompt that a step computes. */
  public static int largestChunk(int maxNumSeqs, int maxNumBatchedTokens) {
    return new Chunking(maxNumBatchedTokens - maxNumSeqs).largest();
  }

  /** Takes a sequence in that lies in no cache, or in one that is gone. */
  public void add(Sequence sequence) {
    if (sequence.maxLength() > cache.capacity()) {
      throw new IllegalArgumentException(
          "a sequence of up to " + sequence.maxLength() + " tokens in " + cache.capacity());
    }
    sequence.place(null);
    sequence.arrived(arrivals++);
    waiting.add(sequence);
  }

  /** Takes a sequence out, finished or not, and frees its slots. */
  public void remove(Sequence sequence) {
    if (running.remove(sequence)) {
      headroom.ended();
      cache.leave(sequence);
    } else {
      waiting.remove(sequence);
    }
  }

  /**
   * Takes note of a step that failed. Its sequences are discarded. Nobody knows how far its moves
   * came; if there were any, nothing in the cache is relied on any more.
   */
  public void failed(StepPlan plan) {
    plan.runs().forEach(run -> discard(run.sequence()));
    if (!plan.moves().isEmpty()) {
      relyOnNothing();
    }
  }

  /**
   * Takes note of a step that ran out of memory and whose scores were not used. What it did is
   * planned anew, with fewer sequences at a time.
   *
   * @param moved whether its moves were done before
   */
  public void ranOutOfMemory(StepPlan plan, boolean moved) {
    limit.ranOut(moved ? plan.runs().size() : running.size());
    if (moved) {
      plan.runs().forEach(run -> cache.notComputed(run.sequence(), run.from()));
      while (running.size() > limit.sequences()) {
        preemptYoungest();
      }
    } else {
      relyOnNothing();
    }
  }

  /** Most sequences that may run at a time now. */
  public int mayRun() {
    return limit.sequences();
  }

  private void relyOnNothing() {
    running.forEach(cache::discard);
    waiting.addAll(running);
    running.clear();
    cache.giveUpRetained();
  }

  private Sequence preemptYoungest() {
    Sequence youngest = running.remove(running.size() - 1);
    cache.leave(youngest);
    waiting.add(youngest);
    return youngest;
  }

  /**
   * Takes a sequence out whose scores are wrong: nothing it has in the cache is of use to others.
   */
  public void discard(Sequence sequence) {
    if (running.remove(sequence)) {
      headroom.ended();
      cache.discard(sequence);
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
    return cache.capacity();
  }

  /** Slots that no sequence holds. */
  public int freeCacheTokens() {
    return cache.freeTokens();
  }

  /** Those of them in which beginnings of prompts are kept until somebody needs the space. */
  public int retainedCacheTokens() {
    return cache.retainedTokens();
  }

  /**
   * The next step, which the caller carries out as a whole before it asks for another: all its
   * tokens but guesses count as computed from now on, unless their sequences are {@linkplain
   * #discard discarded}. Empty if there is nothing to do.
   */
  public StepPlan plan() {
    limit.goesOn(running.size());
    Step step = new Step();
    step.continueRunning();
    step.admitWaiting();
    step.guessAhead();
    step.lookAhead();
    step.runs.forEach(run -> cache.computed(run.sequence(), run.end() - run.drafts()));
    return new StepPlan(step.moves, step.runs, step.preempted, step.reused);
  }

  /** A plan in the making. */
  private final class Step {
    private final List<CacheMove> moves = new ArrayList<>();
    private final List<Run> runs = new ArrayList<>();
    private int budget = limit.tokens();
    private int preempted;
    private int reused;

    /** New tokens before pieces of prompts, so that no prompt holds up what is being written. */
    void continueRunning() {
      for (int i = 0; i < running.size(); i++) {
        Sequence sequence = running.get(i);
        if (budget > 0 && sequence.computed() >= sequence.promptLength() && makeRoom(sequence)) {
          takeNext(sequence);
        }
      }
      for (Sequence sequence : running) {
        if (sequence.computed() < sequence.promptLength()) {
          takeNext(sequence);
        }
      }
    }

    /** Looks no further than at as many as can run. */
    void admitWaiting() {
      Iterator<Sequence> queue = waiting.iterator();
      for (int looked = 0; looked < maxNumSeqs && queue.hasNext(); looked++) {
        Sequence sequence = queue.next();
        if (preempted > 0 || running.size() >= limit.sequences()) {
          return;
        }
        Match match = cache.reusable(sequence);
        if (cache.worthWaiting(sequence, match, running)) {
          continue;
        }
        int from = match == null ? 0 : match.tokens();
        int held = cache.held(match);
        int slots = firstSlots(sequence, held);
        if (!fits(chunking.end(from, sequence.promptLength()) - from)
            || slots - held + headroom.needed(running) > cache.freeTokens()
            || !cache.admit(sequence, match, slots, running, moves)) {
          return;
        }
        queue.remove();
        running.add(sequence);
        running.sort(OLDEST_FIRST);
        reused += sequence.computed();
        takeNext(sequence);
      }
    }

    /**
     * While few sequences run, a step takes hardly longer for a few tokens more. Only what is left
     * of the budget and of each sequence's slots is used for it.
     */
    void guessAhead() {
      if (speculative == null || running.size() > speculative.disableByBatchSize()) {
        return;
      }
      for (int i = 0; i < runs.size(); i++) {
        Run run = runs.get(i);
        int most = run.promptTokens() == 0 && run.reachesEnd() ? mostDrafts(run.sequence()) : 0;
        if (most > 0) {
          runs.set(i, run.withDrafts(run.sequence().draft(speculative, most)));
          budget -= runs.get(i).drafts();
        }
      }
    }

    private int mostDrafts(Sequence sequence) {
      if (!sequence.allows(Shortcut.DRAFTS)) {
        return 0;
      }
      // The step yields one token more than there are guesses.
      return Math.min(Math.min(speculative.numSpeculativeTokens(), budget), sequence.roomAhead());
    }

    /** Several steps in one call, while every sequence that runs has one token to be computed. */
    void lookAhead() {
      if (runs.stream().anyMatch(run -> run.promptTokens() > 0)) {
        pace.admitted();
      }
      if (pace.most() == 1
          || runs.size() < running.size()
          || !runs.stream().allMatch(run -> run.count() == 1 && mayGoAhead(run))) {
        return;
      }
      running.forEach(this::growAhead);
      boolean open = waiting.isEmpty() && running.size() < limit.sequences();
      int steps = pace.steps(running, !waiting.isEmpty(), open);
      runs.replaceAll(run -> run.withAhead(Math.min(steps - 1, run.sequence().roomAhead())));
    }

    private static boolean mayGoAhead(Run run) {
      return run.promptTokens() == 0 && run.reachesEnd() && run.sequence().mayGoAhead();
    }

    private void growAhead(Sequence sequence) {
      int capacity = sequence.capacity();
      int least = Math.min(sequence.maxLength() - 1, sequence.length() + pace.most() - 1);
      if (least > capacity) {
        int wanted = rounded(sequence, Math.max(least, capacity + capacity / 2));
        cache.growAhead(sequence, rounded(sequence, least), wanted, moves);
      }
    }

    /** A whole chunk or nothing: see {@link Chunking}. */
    private void takeNext(Sequence sequence) {
      sequence.dropDrafts();
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
        Sequence youngest = preemptYoungest();
        headroom.preempted();
        preempted++;
        if (youngest == sequence) {
          return false;
        }
      }
      return true;
    }

    private boolean hasRoom(Sequence sequence) {
      int capacity = sequence.capacity();
      int least = sequence.length();
      if (least <= capacity) {
        return true;
      }
      int more = sequence.place().extent().capacity() / 2;
      int wanted = rounded(sequence, Math.max(least, capacity + more));
      return cache.grow(sequence, rounded(sequence, least), wanted, running, moves);
    }

    /**
     * Its fair share of the cache where that is free, so that it need not be moved as it grows;
     * else what it needs now.
     *
     * @param held how many of its slots others hold anyway
     */
    private int firstSlots(Sequence sequence, int held) {
      int least = rounded(sequence, sequence.length() + 1);
      int share = rounded(sequence, cache.capacity() / maxNumSeqs);
      long unused = (long) cache.freeTokens() - cache.retainedTokens();
      return share > least && share - held + headroom.needed(running) <= unused ? share : least;
    }

    private int rounded(Sequence sequence, int tokens) {
      int granules = (tokens + GRANULE - 1) / GRANULE;
      return Math.min(sequence.maxLength(), granules * GRANULE);
    }
  }
}
