package io.qwark.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * A serialized lambda is found again by its signature, which javac also writes as a string. In the
 * application jar the shade plugin renames packages in signatures but not in those strings, so a
 * lambda that is sent to executors must not have a renamed type in its signature. Tests run before
 * there is a jar, and would not see it.
 */
class SerializedLambdasTest {
  private static final List<String> RENAMED =
      List.of(
          "Lcom/fasterxml/jackson/",
          "Lorg/yaml/snakeyaml/",
          "Lcom/google/gson/",
          "Lorg/apache/commons/",
          "Lpicocli/");

  @Test
  void noLambdaForExecutorsHasARenamedTypeInItsSignature() throws Exception {
    Path classes = Path.of(Main.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    List<String> found = new ArrayList<>();
    int looked = 0;
    try (Stream<Path> files = Files.walk(classes)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".class")).toList()) {
        looked++;
        for (String text : strings(Files.readAllBytes(file))) {
          if (text.startsWith("(") && RENAMED.stream().anyMatch(text::contains)) {
            found.add(classes.relativize(file) + ": " + text);
          }
        }
      }
    }
    assertTrue(looked > 100, "Only " + looked + " classes in " + classes);
    assertEquals(List.of(), found);
  }

  /**
   * String constants of a class file (JVM specification, 4.4); names and types are not among them.
   */
  private static List<String> strings(byte[] classFile) throws IOException {
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(classFile));
    in.skipBytes(8);
    int count = in.readUnsignedShort();
    Map<Integer, String> texts = new HashMap<>();
    List<Integer> strings = new ArrayList<>();
    for (int i = 1; i < count; i++) {
      int tag = in.readUnsignedByte();
      switch (tag) {
        case 1 -> texts.put(i, in.readUTF());
        case 8 -> strings.add(in.readUnsignedShort());
        case 7, 16, 19, 20 -> in.skipBytes(2);
        case 15 -> in.skipBytes(3);
        case 3, 4, 9, 10, 11, 12, 17, 18 -> in.skipBytes(4);
        case 5, 6 -> {
          // Long and double take two places.
          in.skipBytes(8);
          i++;
        }
        default -> throw new IOException("Unknown constant " + tag);
      }
    }
    return strings.stream().map(texts::get).toList();
  }
}
