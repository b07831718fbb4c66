package io.qwark.udf;

import io.qwark.engine.api.ModelFactory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The replicas of one process: one for each factory and seat, loaded at the first task that asks
 * and shared by all. May be called from any thread.
 */
final class Replicas {
  private static final Logger LOG = LoggerFactory.getLogger(Replicas.class);
  private static final Replicas OF_THIS_PROCESS = withShutdownHook();

  private final Map<Key, Replica> replicas = new HashMap<>();
  private final List<Replica> failed = new ArrayList<>();
  private int loads;

  private record Key(ModelFactory factory, Seat seat) {}

  static Replicas ofThisProcess() {
    return OF_THIS_PROCESS;
  }

  private static Replicas withShutdownHook() {
    Replicas replicas = new Replicas();
    try {
      Runtime.getRuntime().addShutdownHook(new Thread(replicas::closeAll, "qwark-close"));
    } catch (IllegalStateException e) {
      // The process was interrupted before its first task: there are none to close.
      LOG.debug("The process is ending", e);
    }
    return replicas;
  }

  /**
   * Returns at once; loading goes on in the background, since a task that is killed must neither
   * stop it nor leave a half-loaded replica to the others.
   *
   * @param scope a failure, to load or later, stands for everybody of the same scope; another scope
   *     tries anew
   */
  synchronized Replica replica(ModelFactory factory, Seat seat, String scope) {
    Key key = new Key(factory, seat);
    Replica replica = replicas.get(key);
    if (replica == null || !replica.serves(scope)) {
      if (replica != null) {
        // Tasks may still be submitting to it, so it is closed with the others.
        failed.add(replica);
      }
      replica = new Replica(seat, ++loads, scope);
      replicas.put(key, replica);
      load(factory, replica);
    }
    return replica;
  }

  // The thread inherits the task's context class loader, and with it the application's classes.
  private static void load(ModelFactory factory, Replica replica) {
    Thread loader = new Thread(() -> loadNow(factory, replica), "qwark-load-" + replica.device());
    loader.setDaemon(true);
    loader.start();
  }

  @SuppressWarnings("CatchingUnchecked")
  private static void loadNow(ModelFactory factory, Replica replica) {
    CardLock.Held lock = null;
    try {
      if (replica.seat().lock() != null) {
        lock = replica.seat().lock().take();
      }
      long start = System.nanoTime();
      var model = factory.load(replica.seat().placement());
      double loadMs = (System.nanoTime() - start) / 1e6;
      replica.loaded().complete(new Replica.Loaded(model, loadMs, lock));
    } catch (Throwable e) {
      Replica.Loaded.unlock(lock);
      // Also errors such as a missing native library: the tasks that wait must hear of them.
      LOG.error("Cannot load a replica on {}", replica.device(), e);
      replica.loaded().completeExceptionally(e);
    }
  }

  /** Closes all replicas, those still loading as soon as they are; later tasks load new ones. */
  void closeAll() {
    List<Replica> all;
    synchronized (this) {
      all = new ArrayList<>(replicas.values());
      all.addAll(failed);
      replicas.clear();
      failed.clear();
    }
    for (Replica replica : all) {
      var unused = replica.loaded().thenAccept(Replicas::close);
    }
  }

  private static void close(Replica.Loaded loaded) {
    try {
      loaded.close();
    } catch (RuntimeException e) {
      LOG.warn("Cannot close the replica on {}", loaded.model().info().device(), e);
    }
  }
}
