package io.qwark.engine.torch;

import ai.djl.util.Platform;
import io.qwark.engine.api.UserException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;

/**
 * What the class path brings.
 *
 * @param djl version of DJL
 * @param bound version of the libtorch that DJL's own native library fits
 * @param natives version of libtorch; null if there is none
 */
record BundledTorch(String djl, String bound, String natives) {
  private static final String JNI = "jnilib/pytorch.properties";

  static BundledTorch onClassPath() {
    Platform platform = Platform.detectPlatform("pytorch");
    Properties properties = new Properties();
    ClassLoader loader = BundledTorch.class.getClassLoader();
    try (InputStream in = loader.getResourceAsStream(JNI)) {
      if (in == null) {
        throw absent("there is no " + JNI);
      }
      properties.load(in);
    } catch (IOException e) {
      throw absent(e.toString());
    }
    String djl = platform.getApiVersion();
    String version = properties.getProperty("jni_version", "");
    if (!version.endsWith("-" + djl)) {
      throw absent("pytorch-jni is of version " + version + ", and DJL of version " + djl);
    }
    return new BundledTorch(
        djl,
        version.substring(0, version.length() - djl.length() - 1),
        platform.isPlaceholder() ? null : platform.getVersion());
  }

  private static UserException absent(String reason) {
    return new UserException(
        "Cannot use the DJL of the class path", reason, "Put one version of DJL's jars there");
  }
}
