package io.qwark.udf.testing;

import java.io.IOException;
import java.util.Arrays;

/**
 * Runs another class's main and ends with the parent: the pipe to standard input closes however the
 * parent dies, also where it could not clean up.
 */
public final class ChildMain {

  private ChildMain() {}

  public static void main(String[] arguments) throws Exception {
    Thread watch = new Thread(ChildMain::endWithParent, "parent-watch");
    watch.setDaemon(true);
    watch.start();
    Class.forName(arguments[0])
        .getMethod("main", String[].class)
        .invoke(null, (Object) Arrays.copyOfRange(arguments, 1, arguments.length));
  }

  private static void endWithParent() {
    try {
      while (System.in.read() >= 0) {
        // Nothing is ever written to it.
      }
    } catch (IOException e) {
      System.err.println("The pipe to the parent broke: " + e);
    }
    System.exit(0);
  }
}
