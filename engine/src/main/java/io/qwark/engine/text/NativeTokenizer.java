package io.qwark.engine.text;

import ai.djl.huggingface.tokenizers.jni.LibUtils;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * Hugging Face's tokenizers library. Its binding is used directly, not through DJL's {@code
 * HuggingFaceTokenizer}: that one reports its use over the network, and copies eight properties of
 * each token where only ids are needed. Threads share it; the lock keeps {@link #close} from
 * freeing what another thread is using.
 */
final class NativeTokenizer implements AutoCloseable {
  private static final String FLAVOR = "RUST_FLAVOR";
  private static final TokenizersLibrary LIBRARY = TokenizersLibrary.LIB;

  private final ReadWriteLock lock = new ReentrantReadWriteLock();
  private long handle;

  NativeTokenizer(String json) {
    load();
    handle = LIBRARY.createTokenizerFromString(json);
    // A tokenizer.json may ask for both, which belongs to training and would change prompts.
    LIBRARY.disableTruncation(handle);
    LIBRARY.disablePadding(handle);
  }

  /** On a machine with a GPU, DJL would download another build of the library. */
  private static synchronized void load() {
    if (System.getenv(FLAVOR) == null && System.getProperty(FLAVOR) == null) {
      System.setProperty(FLAVOR, "cpu");
    }
    LibUtils.checkStatus();
  }

  /**
   * Token ids.
   *
   * @param addSpecial whether the post-processor adds special tokens that are not in the text
   */
  long[] encode(String text, boolean addSpecial) {
    lock.readLock().lock();
    try {
      if (handle == 0) {
        throw new IllegalStateException("Cannot encode with a closed tokenizer");
      }
      long encoding = LIBRARY.encode(handle, text, addSpecial);
      try {
        return LIBRARY.getTokenIds(encoding);
      } finally {
        LIBRARY.deleteEncoding(encoding);
      }
    } finally {
      lock.readLock().unlock();
    }
  }

  @Override
  public void close() {
    lock.writeLock().lock();
    try {
      if (handle != 0) {
        LIBRARY.deleteTokenizer(handle);
        handle = 0;
      }
    } finally {
      lock.writeLock().unlock();
    }
  }
}
