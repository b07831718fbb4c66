package io.qwark.engine.source;

/** Hears how far a fetch is. Calls come from several threads, one at a time. */
public interface FetchProgress {
  /** Hears nothing. */
  FetchProgress SILENT =
      new FetchProgress() {
        @Override
        public void begin(String model, int files, long bytes, long present) {}

        @Override
        public void advance(long bytes) {}

        @Override
        public void note(String text) {}

        @Override
        public void end() {}
      };

  /**
   * Bytes are to come.
   *
   * @param model what is fetched
   * @param files that lack something
   * @param bytes of all these files
   * @param present bytes of them that were fetched earlier
   */
  void begin(String model, int files, long bytes, long present);

  /**
   * Bytes have come.
   *
   * @param bytes their number; negative where some have to be fetched again
   */
  void advance(long bytes);

  /** Something that a person should know: a try that failed, a wait for another process. */
  void note(String text);

  /** All that {@link #begin} announced is there, or the fetch has failed. */
  void end();
}
