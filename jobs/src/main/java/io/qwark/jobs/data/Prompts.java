package io.qwark.jobs.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.qwark.engine.api.UserException;
import io.qwark.jobs.config.InputConfig;
import io.qwark.jobs.data.PromptKind.BadValueException;
import java.io.Serializable;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Turns rows into prompts of one kind: texts, conversations or token ids. */
public final class Prompts implements Serializable {
  private static final long serialVersionUID = 1L;

  /** The prompt as text, as it stands in the input: for people, where it is no text itself. */
  public static final String SHOWN = "shown_prompt";

  /** Tool definitions of a conversation as strings of JSON, or null. */
  public static final String TOOLS = "tools";

  private final String idColumn;
  private final String promptColumn;
  private final PromptKind kind;

  private Prompts(InputConfig config, String promptColumn, PromptKind kind) {
    idColumn = config.idColumn();
    this.promptColumn = promptColumn;
    this.kind = kind;
  }

  /**
   * Reads and checks an input; generates nothing.
   *
   * @return rows of id, prompt (a text, messages or token ids), shown_prompt, tools and error
   * @throws UserException if there is no usable row, a column is missing or an id occurs twice
   */
  public static PromptTable read(SparkSession spark, InputConfig config) {
    String path = config.requiredPath();
    Source source = Source.open(spark, path, config.format());
    JavaRDD<InputRow> rows = source.rows(config.limit());
    Survey survey = Survey.of(rows);
    survey.requireRows(path);
    String column = config.promptColumn();
    if (column == null) {
      column = PromptKind.column(survey.columns(), path);
    }
    survey.requireColumn("input.prompt_column", column, path);
    if (config.idColumn() != null) {
      survey.requireColumn("input.id_column", config.idColumn(), path);
    }
    Prompts prompts = new Prompts(config, column, kind(rows, column));
    return PromptTable.of(spark, source, rows.map(prompts::row), prompts.schema());
  }

  /** What the first value is, the others have to be. */
  private static PromptKind kind(JavaRDD<InputRow> rows, String column) {
    List<PromptKind> first =
        rows.map(row -> kind(row, column)).filter(kind -> kind != null).take(1);
    return first.isEmpty() ? PromptKind.TEXT : first.get(0);
  }

  private static PromptKind kind(InputRow row, String column) {
    JsonNode value = row.error() == null ? JsonRows.parse(row.json()).get(column) : null;
    return value == null || value.isNull() ? null : PromptKind.of(value);
  }

  /** Whether prompts that were read are conversations, which tools may go with. */
  public static boolean areConversations(PromptTable table) {
    return table
        .rows()
        .schema()
        .apply(PromptTable.PROMPT)
        .dataType()
        .sameType(PromptKind.MESSAGES.type());
  }

  private StructType schema() {
    return new StructType()
        .add(PromptTable.ID, DataTypes.StringType, false)
        .add(PromptTable.PROMPT, kind.type())
        .add(SHOWN, DataTypes.StringType)
        .add(TOOLS, DataTypes.createArrayType(DataTypes.StringType))
        .add(PromptTable.ERROR, DataTypes.StringType);
  }

  private Row row(InputRow row) {
    String number = RowIds.numbered(row);
    if (row.error() != null) {
      return RowFactory.create(number, null, null, null, row.error());
    }
    ObjectNode values = JsonRows.parse(row.json());
    String id = idColumn == null ? number : JsonRows.text(values.get(idColumn));
    JsonNode value = values.path(promptColumn);
    String shown = JsonRows.text(value);
    if (id == null) {
      return bad(row, RowIds.fallback(row), shown, "the column `" + idColumn + "` is empty");
    }
    if (shown == null) {
      return bad(row, id, null, "the column `" + promptColumn + "` is empty");
    }
    try {
      Object tools = kind == PromptKind.MESSAGES ? Messages.tools(values.get(TOOLS)) : null;
      return RowFactory.create(id, kind.read(value), shown, tools, null);
    } catch (BadValueException e) {
      return bad(row, id, shown, "the column `" + promptColumn + "`: " + e.getMessage());
    }
  }

  private static Row bad(InputRow row, String id, String shown, String reason) {
    return RowFactory.create(id, null, shown, null, row.place() + " cannot be used: " + reason);
  }
}
