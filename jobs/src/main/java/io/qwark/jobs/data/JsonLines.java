package io.qwark.jobs.data;

import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import org.apache.hadoop.io.LongWritable;
import org.apache.hadoop.io.Text;
import org.apache.hadoop.mapred.FileInputFormat;
import org.apache.hadoop.mapred.FileSplit;
import org.apache.hadoop.mapred.JobConf;
import org.apache.hadoop.mapred.TextInputFormat;
import org.apache.spark.api.java.JavaHadoopRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import scala.Tuple2;

/** Reads files of one JSON object a line; blank lines are left out. */
final class JsonLines {
  private JsonLines() {}

  /** A line and the file it stands in. */
  private record Line(String file, String text) implements Serializable {
    boolean isBlank() {
      return text.isBlank();
    }
  }

  /** What a partition holds: a piece of one file. */
  private record Count(String file, long lines, long rows) implements Serializable {}

  static JavaRDD<InputRow> read(JavaSparkContext spark, SourceFiles source) {
    JobConf job = new JobConf(spark.hadoopConfiguration());
    source.files().forEach(file -> FileInputFormat.addInputPath(job, file.getPath()));
    @SuppressWarnings("unchecked")
    JavaHadoopRDD<LongWritable, Text> records =
        (JavaHadoopRDD<LongWritable, Text>)
            spark.hadoopRDD(
                job,
                TextInputFormat.class,
                LongWritable.class,
                Text.class,
                spark.defaultMinPartitions());
    JavaRDD<Line> lines =
        records.mapPartitionsWithInputSplit(
            (split, pairs) -> linesOf(((FileSplit) split).getPath().getName(), pairs), false);

    // Where each partition begins, so that rows are numbered without moving them.
    List<Count> counts = lines.mapPartitions(JsonLines::count).collect();
    long[] firstLine = new long[counts.size()];
    long[] firstRow = new long[counts.size()];
    for (int i = 1; i < counts.size(); i++) {
      Count before = counts.get(i - 1);
      boolean sameFile = before.file() != null && before.file().equals(counts.get(i).file());
      firstLine[i] = sameFile ? firstLine[i - 1] + before.lines() : 0;
      firstRow[i] = firstRow[i - 1] + before.rows();
    }
    return lines.mapPartitionsWithIndex((i, part) -> rows(part, firstLine[i], firstRow[i]), true);
  }

  private static Iterator<Line> linesOf(String file, Iterator<Tuple2<LongWritable, Text>> pairs) {
    return Iterators.map(pairs, pair -> new Line(file, pair._2().toString()));
  }

  private static Iterator<Count> count(Iterator<Line> part) {
    String file = null;
    long lines = 0;
    long rows = 0;
    while (part.hasNext()) {
      Line line = part.next();
      file = line.file();
      lines++;
      rows += line.isBlank() ? 0 : 1;
    }
    return List.of(new Count(file, lines, rows)).iterator();
  }

  private static Iterator<InputRow> rows(Iterator<Line> part, long firstLine, long firstRow) {
    long[] next = {firstLine, firstRow};
    return Iterators.flatMap(
        part,
        line -> {
          next[0]++;
          if (line.isBlank()) {
            return List.<InputRow>of();
          }
          return List.of(row(line, next[0], next[1]++));
        });
  }

  private static InputRow row(Line line, long lineNumber, long number) {
    String text = line.text().startsWith("\uFEFF") ? line.text().substring(1) : line.text();
    String place = "line " + lineNumber + " of " + line.file();
    String fault = JsonRows.fault(text);
    return fault == null
        ? new InputRow(number, place, text, null)
        : new InputRow(number, place, null, place + " cannot be read: " + fault);
  }
}
