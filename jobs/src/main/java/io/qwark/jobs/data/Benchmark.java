package io.qwark.jobs.data;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.qwark.engine.api.UserException;
import io.qwark.jobs.config.DatasetConfig;
import java.io.Serializable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Turns a benchmark's rows into problems, prompts and expected answers. */
public final class Benchmark implements Serializable {
  private static final long serialVersionUID = 1L;

  /** The prompt column as it stands in the dataset. */
  public static final String PROBLEM = "problem";

  public static final String EXPECTED_ANSWER = "expected_answer";

  private static final StructType SCHEMA =
      new StructType()
          .add(PromptTable.ID, DataTypes.StringType, false)
          .add(PROBLEM, DataTypes.StringType)
          .add(PromptTable.PROMPT, DataTypes.StringType)
          .add(EXPECTED_ANSWER, DataTypes.StringType)
          .add(PromptTable.ERROR, DataTypes.StringType);

  private final String idColumn;
  private final String promptColumn;
  private final String answerColumn;
  private final Pattern answerPattern;
  private final PromptTemplate template;

  private Benchmark(DatasetConfig config) {
    idColumn = config.idColumn();
    promptColumn = config.promptColumn();
    answerColumn = config.answerColumn();
    answerPattern = config.answerPattern() == null ? null : pattern(config.answerPattern());
    template =
        config.promptTemplate() == null
            ? PromptTemplate.ofColumn(promptColumn)
            : PromptTemplate.parse(config.promptTemplate());
  }

  /**
   * Reads and checks a benchmark; generates nothing.
   *
   * @return rows of id, problem, prompt, expected_answer and error, all strings
   * @throws UserException if there is no usable row, a column is missing or an id occurs twice
   */
  public static PromptTable read(SparkSession spark, DatasetConfig config) {
    Benchmark benchmark = new Benchmark(config);
    Source source = Source.open(spark, config.requiredPath(), config.format());
    JavaRDD<InputRow> rows = source.rows(config.limit());
    Survey survey = Survey.of(rows);
    benchmark.check(survey, config.path());
    return PromptTable.of(spark, source, rows.map(benchmark::row), SCHEMA);
  }

  private void check(Survey survey, String path) {
    survey.requireRows(path);
    if (idColumn != null) {
      survey.requireColumn("dataset.id_column", idColumn, path);
    }
    survey.requireColumn("dataset.prompt_column", promptColumn, path);
    survey.requireColumn("dataset.answer_column", answerColumn, path);
    template.requireColumns(survey.columns());
  }

  private Row row(InputRow row) {
    String number = RowIds.numbered(row);
    if (row.error() != null) {
      return RowFactory.create(number, null, null, null, row.error());
    }
    ObjectNode values = JsonRows.parse(row.json());
    String id = idColumn == null ? number : JsonRows.text(values.get(idColumn));
    String problem = JsonRows.text(values.get(promptColumn));
    String error = fault(values, id, problem);
    String expected = expectedAnswer(values);
    if (error == null && expected == null) {
      error =
          answerPattern == null
              ? "the column `" + answerColumn + "` is empty"
              : "the column `" + answerColumn + "` does not match " + answerPattern;
    }
    return RowFactory.create(
        id == null ? RowIds.fallback(row) : id,
        problem,
        error == null ? template.render(c -> JsonRows.text(values.get(c))) : null,
        expected,
        error == null ? null : row.place() + " cannot be used: " + error);
  }

  private String fault(ObjectNode values, String id, String problem) {
    if (id == null) {
      return "the column `" + idColumn + "` is empty";
    }
    if (problem == null || problem.isBlank()) {
      return "the column `" + promptColumn + "` is empty";
    }
    for (String column : template.columns()) {
      if (JsonRows.text(values.get(column)) == null) {
        return "the column `" + column + "` is empty";
      }
    }
    return null;
  }

  private String expectedAnswer(ObjectNode values) {
    String answer = JsonRows.text(values.get(answerColumn));
    if (answer == null || answerPattern == null) {
      return answer == null || answer.isBlank() ? null : answer;
    }
    Matcher matcher = answerPattern.matcher(answer);
    return matcher.find() && matcher.group(1) != null ? matcher.group(1).strip() : null;
  }

  private static Pattern pattern(String regex) {
    try {
      Pattern pattern = Pattern.compile(regex);
      if (pattern.matcher("").groupCount() != 1) {
        throw unusable(regex, "it has " + pattern.matcher("").groupCount() + " groups", null);
      }
      return pattern;
    } catch (PatternSyntaxException e) {
      throw unusable(regex, e.getDescription() + " near index " + e.getIndex(), e);
    }
  }

  private static UserException unusable(String regex, String reason, Throwable underlying) {
    return new UserException(
        "Cannot use the pattern " + regex + " (`dataset.answer_pattern`)",
        reason,
        "Give a Java regular expression with exactly one group (...), the expected answer;"
            + " write others as (?:...)",
        underlying);
  }
}
