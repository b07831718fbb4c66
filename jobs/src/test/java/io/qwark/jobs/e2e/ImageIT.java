package io.qwark.jobs.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** docker/Dockerfile fits what the build makes; no image is built. */
class ImageIT {
  private static final Pattern COPY = Pattern.compile("(?m)^COPY (?!--from)(\\S+) (\\S+)$");
  private static final Pattern COPY_STAGE =
      Pattern.compile("(?m)^COPY --from=(\\w+) (\\S+) (\\S+)$");
  private static final String JAR = "jobs/target/qwark.jar";

  private static String text(String file) throws Exception {
    return Files.readString(Checkout.ROOT.resolve(file));
  }

  /** Copied files by their names in the image. */
  private static Map<String, String> copies() throws Exception {
    Map<String, String> copies = new TreeMap<>();
    Matcher copy = COPY.matcher(text("docker/Dockerfile"));
    while (copy.find()) {
      copies.put(copy.group(2), copy.group(1));
    }
    return copies;
  }

  @Test
  void whatIsCopiedIsThereAndInTheContext() throws Exception {
    List<String> context = text(".dockerignore").lines().filter(l -> l.startsWith("!")).toList();
    Map<String, String> copies = copies();
    assertEquals(4, copies.size(), copies::toString);
    for (String source : copies.values()) {
      // A build for another Spark has another folder, and is copied there by name.
      Path file =
          source.equals(JAR)
              ? Path.of(System.getProperty("qwark.jar"))
              : Checkout.ROOT.resolve(source);
      assertTrue(Files.exists(file), source);
      assertTrue(context.contains("!" + source), source);
    }
    assertEquals(4, context.size(), context::toString);
  }

  @Test
  void submitScriptFindsItsFilesAndExecutorsTheirLibraries() throws Exception {
    Map<String, String> copies = copies();
    assertEquals("submit.sh", copies.get("/opt/qwark/submit.sh"));
    assertEquals(JAR, copies.get("/opt/qwark/" + JAR));
    assertEquals("conf", copies.get("/opt/qwark/conf"));
    assertTrue(
        text("conf/spark-gpu-kubernetes.conf").contains(" /opt/qwark/conf/gpu-discovery.sh\n"));

    String docker = text("docker/Dockerfile");
    assertTrue(docker.contains("/build.sh --python /opt/qwark/venv/bin/python /opt/qwark/native"));
    assertTrue(docker.contains("ENV PYTORCH_LIBRARY_PATH=/opt/qwark/native "));
    assertTrue(Files.isExecutable(Checkout.ROOT.resolve("engine/native/build.sh")));
    Matcher stage = COPY_STAGE.matcher(docker);
    int folders = 0;
    for (; stage.find(); folders++) {
      assertEquals(stage.group(2), stage.group(3), "the binding names PyTorch's folder");
      assertTrue(docker.contains(" AS " + stage.group(1)), stage.group(1));
    }
    assertEquals(2, folders);
  }

  @Test
  void theImagesSparkIsTheBuilds() throws Exception {
    Matcher version =
        Pattern.compile("<spark.version>([^<]+)</spark.version>").matcher(text("pom.xml"));
    assertTrue(version.find());
    assertTrue(
        text("docker/Dockerfile")
            .contains("ARG SPARK_IMAGE=apache/spark:" + version.group(1) + "-scala2.13-"));
  }
}
