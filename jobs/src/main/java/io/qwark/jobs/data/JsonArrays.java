package io.qwark.jobs.data;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.compress.CompressionCodec;
import org.apache.hadoop.io.compress.CompressionCodecFactory;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.SerializableConfiguration;
import org.apache.spark.util.TaskCompletionListener;

/** Reads files that are one JSON array of objects. A file is read by one task, object by object. */
final class JsonArrays {
  private JsonArrays() {}

  /**
   * Whether the file begins like an array.
   *
   * @throws io.qwark.engine.api.UserException if it cannot be read
   */
  static boolean isArray(Path file, Configuration hadoop) {
    try (InputStream in = open(file, hadoop)) {
      int c = in.read();
      while (Character.isWhitespace(c) || c == 0xEF || c == 0xBB || c == 0xBF) {
        c = in.read();
      }
      return c == '[';
    } catch (IOException e) {
      throw SourceFiles.unreadable(file.toString(), String.valueOf(e.getMessage()), e);
    }
  }

  static JavaRDD<InputRow> read(JavaSparkContext spark, SourceFiles source) {
    List<String> files = source.files().stream().map(f -> f.getPath().toString()).toList();
    SerializableConfiguration hadoop = new SerializableConfiguration(spark.hadoopConfiguration());
    return spark
        .parallelize(files, files.size())
        .flatMap(file -> new Elements(new Path(file), hadoop.value()))
        .zipWithIndex()
        .map(pair -> numbered(pair._1(), pair._2()));
  }

  private static InputRow numbered(InputRow row, long number) {
    return new InputRow(number, row.place(), row.json(), row.error());
  }

  private static InputStream open(Path file, Configuration hadoop) throws IOException {
    InputStream raw = file.getFileSystem(hadoop).open(file);
    CompressionCodec codec = new CompressionCodecFactory(hadoop).getCodec(file);
    return codec == null ? raw : codec.createInputStream(raw);
  }

  /** The objects of one file. */
  private static final class Elements implements Iterator<InputRow> {
    private final Path file;
    private final InputStream in;
    private final JsonParser parser;
    private long count;
    private InputRow next;

    Elements(Path file, Configuration hadoop) throws IOException {
      this.file = file;
      in = open(file, hadoop);
      TaskContext.get().addTaskCompletionListener((TaskCompletionListener) context -> close());
      parser = JsonRows.MAPPER.createParser(in);
      if (read() != JsonToken.START_ARRAY) {
        throw SourceFiles.unreadable(
            file.toString(), "it is not an array of JSON objects as its neighbours are", null);
      }
      advance();
    }

    @Override
    public boolean hasNext() {
      return next != null;
    }

    @Override
    public InputRow next() {
      if (next == null) {
        throw new NoSuchElementException();
      }
      InputRow row = next;
      advance();
      return row;
    }

    private void advance() {
      next = null;
      if (read() == JsonToken.END_ARRAY) {
        return;
      }
      String place = "element " + ++count + " of " + file.getName();
      try {
        JsonNode value = JsonRows.MAPPER.readTree(parser);
        next =
            value instanceof ObjectNode
                ? new InputRow(0, place, value.toString(), null)
                : new InputRow(0, place, null, place + " is not a JSON object");
      } catch (JsonProcessingException e) {
        throw JsonRows.unreadable(file.toString(), e);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private JsonToken read() {
      try {
        return parser.nextToken();
      } catch (JsonProcessingException e) {
        throw JsonRows.unreadable(file.toString(), e);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private void close() {
      try {
        in.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
