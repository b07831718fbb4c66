package io.qwark.jobs.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Reads one YAML document into {@link Node}s. Anchors, aliases, tags with code, repeated keys and
 * further documents are refused, and the parser bounds size and nesting.
 */
final class YamlReader {
  /** As in YAML 1.2, only true and false are true and false; off and no are texts. */
  private static final YAMLFactory YAML =
      new YAMLFactory().enable(YAMLParser.Feature.PARSE_BOOLEAN_LIKE_WORDS_AS_STRINGS);

  private static final Pattern YAML_VALUE =
      Pattern.compile("[\\[\"'].*|true|false|null|[-+]?[0-9][0-9_.eE+-]*", Pattern.DOTALL);

  private final YAMLParser parser;
  private final String source;
  private final boolean hasLines;

  private YamlReader(YAMLParser parser, String source, boolean hasLines) {
    this.parser = parser;
    this.source = source;
    this.hasLines = hasLines;
  }

  /** Reads a file's text; an empty document is an empty mapping. */
  static Node read(String yaml, String file) {
    return parse(yaml, file, true);
  }

  /**
   * Reads the value of a command-line option: a list in brackets, a quoted text, a number, true,
   * false or null as in YAML. Anything else is a text as it stands, with no quotes to get through
   * the shell.
   */
  static Node readValue(String value, String option) {
    return YAML_VALUE.matcher(value).matches()
        ? parse(value, option, false)
        : new Node(value, value, new Origin(option, 0));
  }

  private static Node parse(String yaml, String source, boolean hasLines) {
    try (YAMLParser parser = YAML.createParser(yaml)) {
      YamlReader reader = new YamlReader(parser, source, hasLines);
      JsonToken first = parser.nextToken();
      Node root = first == null ? Node.emptyMapping(new Origin(source, 0)) : reader.value(first);
      if (parser.nextToken() != null) {
        throw reader.here().error("a second document begins here", "Keep one document in the file");
      }
      return root;
    } catch (JsonProcessingException e) {
      int line = hasLines && e.getLocation() != null ? e.getLocation().getLineNr() : 0;
      throw new Origin(source, line)
          .error(
              "it is not valid YAML (" + firstLine(e.getOriginalMessage()) + ")",
              "Correct the indentation, quotes or brackets there",
              e);
    } catch (IOException e) {
      throw new IllegalStateException("Cannot read a string", e);
    }
  }

  private Node value(JsonToken token) throws IOException {
    Origin origin = here();
    if (parser.isCurrentAlias() || parser.getCurrentAnchor() != null) {
      throw origin.error("anchors and aliases are not supported", "Write the value out");
    }
    switch (token) {
      case START_OBJECT:
        return mapping(origin);
      case START_ARRAY:
        List<Node> items = new ArrayList<>();
        for (JsonToken t = parser.nextToken(); t != JsonToken.END_ARRAY; t = parser.nextToken()) {
          items.add(value(t));
        }
        return new Node(List.copyOf(items), null, origin);
      case VALUE_NULL:
        return new Node(null, "null", origin);
      case VALUE_TRUE:
        return new Node(true, "true", origin);
      case VALUE_FALSE:
        return new Node(false, "false", origin);
      case VALUE_NUMBER_INT:
        return new Node(integer(origin), parser.getText(), origin);
      case VALUE_NUMBER_FLOAT:
        return new Node(parser.getDoubleValue(), parser.getText(), origin);
      default:
        return new Node(parser.getText(), parser.getText(), origin);
    }
  }

  private Node mapping(Origin origin) throws IOException {
    Map<String, Node> entries = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      Origin at = here();
      if (entries.containsKey(key)) {
        throw at.error(
            "the key `"
                + key
                + "` appears twice, before in line "
                + entries.get(key).origin().line(),
            "Keep one of the two");
      }
      Node value = value(parser.nextToken());
      // A mapping's own position is that of its first entry; the key's is what a reader looks for.
      entries.put(key, new Node(value.value(), value.text(), at));
    }
    return new Node(Collections.unmodifiableMap(entries), null, origin);
  }

  private Long integer(Origin origin) throws IOException {
    try {
      return parser.getLongValue();
    } catch (JsonProcessingException e) {
      throw origin.error(
          "the number `" + parser.getText() + "` does not fit 64 bits", "Correct the number", e);
    }
  }

  private Origin here() {
    return new Origin(source, hasLines ? parser.currentTokenLocation().getLineNr() : 0);
  }

  private static String firstLine(String message) {
    return message.lines().map(String::strip).filter(l -> !l.isEmpty()).findFirst().orElse("");
  }
}
