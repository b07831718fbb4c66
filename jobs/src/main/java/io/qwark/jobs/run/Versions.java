package io.qwark.jobs.run;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;

/** Versions of what a run is made with. */
public final class Versions {
  private static final Properties BUILD = load("/io/qwark/jobs/version.properties");

  private Versions() {}

  public static String qwark() {
    return BUILD.getProperty("qwark");
  }

  /** The version of Spark on the class path, or null if there is none; starts nothing. */
  public static String spark() {
    return load("/spark-version-info.properties").getProperty("version");
  }

  /** Names and versions, null where unknown. */
  public static Map<String, Object> all() {
    Map<String, Object> versions = new LinkedHashMap<>();
    versions.put("qwark", qwark());
    versions.put("spark", spark());
    versions.put("scala", scala());
    versions.put("java", System.getProperty("java.version"));
    versions.put("java_vendor", System.getProperty("java.vendor"));
    versions.put("djl", BUILD.getProperty("djl"));
    versions.put("libtorch", BUILD.getProperty("libtorch"));
    versions.put("os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    versions.put("architecture", System.getProperty("os.arch"));
    return versions;
  }

  private static String scala() {
    return load("/library.properties").getProperty("version.number");
  }

  private static Properties load(String resource) {
    Properties properties = new Properties();
    try (InputStream in = Versions.class.getResourceAsStream(resource)) {
      if (in != null) {
        properties.load(in);
      }
      return properties;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
