package io.qwark.udf;

import io.qwark.engine.api.ChatMessage;
import io.qwark.engine.api.ErrorCode;
import io.qwark.engine.api.Prompt;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructType;

/**
 * Where a message's parts stand in its struct; -1 for a part that the type does not have. Fields
 * beside them, which data sets carry for their own purposes, do not reach the model.
 */
record ChatColumn(int role, int content, int reasoningContent, int toolCalls)
    implements Serializable {
  private static final Set<String> ROLES = Set.of("system", "user", "assistant", "tool");

  static boolean isMessage(StructType type) {
    return isString(type, "role", false)
        && isString(type, "content", false)
        && isString(type, "reasoning_content", true)
        && areToolCalls(type);
  }

  static ChatColumn of(StructType type) {
    List<String> names = Arrays.asList(type.fieldNames());
    return new ChatColumn(
        names.indexOf("role"),
        names.indexOf("content"),
        names.indexOf("reasoning_content"),
        names.indexOf("tool_calls"));
  }

  private static boolean isString(StructType type, String name, boolean orAbsent) {
    int index = Arrays.asList(type.fieldNames()).indexOf(name);
    return index < 0 ? orAbsent : type.fields()[index].dataType() instanceof StringType;
  }

  private static boolean areToolCalls(StructType type) {
    int index = Arrays.asList(type.fieldNames()).indexOf("tool_calls");
    if (index < 0) {
      return true;
    }
    DataType calls = type.fields()[index].dataType();
    return calls instanceof ArrayType array
        && (array.elementType() instanceof StringType || array.elementType() instanceof StructType);
  }

  Prompt read(List<Row> structs) throws BadRowException {
    List<ChatMessage> messages = new ArrayList<>(structs.size());
    for (int i = 0; i < structs.size(); i++) {
      messages.add(message(i, structs.get(i)));
    }
    return new Prompt.Chat(messages, List.of());
  }

  private ChatMessage message(int index, Row struct) throws BadRowException {
    if (struct == null) {
      throw bad(index, "is null");
    }
    String who = struct.getString(role);
    if (who == null || !ROLES.contains(who)) {
      throw bad(index, "has the role " + who + "; roles are system, user, assistant and tool");
    }
    List<String> calls = calls(index, struct);
    String said = struct.getString(content);
    if (said == null && (calls.isEmpty() || !who.equals("assistant"))) {
      throw bad(index, "(" + who + ") has no content");
    }
    String reasoned = reasoningContent < 0 ? null : struct.getString(reasoningContent);
    return new ChatMessage(who, said, reasoned, calls);
  }

  private List<String> calls(int index, Row struct) throws BadRowException {
    if (toolCalls < 0 || struct.isNullAt(toolCalls)) {
      return List.of();
    }
    List<String> calls = new ArrayList<>();
    for (Object call : struct.getList(toolCalls)) {
      if (call == null) {
        throw bad(index, "has a tool call that is null");
      }
      calls.add(call instanceof Row row ? row.json() : (String) call);
    }
    return calls;
  }

  private static BadRowException bad(int index, String what) {
    return new BadRowException(ErrorCode.INVALID_PROMPT, "Message " + index + " " + what);
  }
}
