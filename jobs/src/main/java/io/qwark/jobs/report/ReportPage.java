package io.qwark.jobs.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.samskivert.mustache.Mustache;
import com.samskivert.mustache.Template;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;

/**
 * Puts the page together: template, styles and scripts into one file.
 *
 * <p>Texts from models and data sets reach it escaped, as HTML through the template or as JSON. The
 * page's content security policy is a second lock: it names the digests of the only two scripts and
 * the one style sheet that may be used, and lets nothing be loaded.
 */
final class ReportPage {
  private static final String CHART_JS =
      "/META-INF/resources/webjars/chart.js/4.5.1/dist/chart.umd.min.js";

  private ReportPage() {}

  /**
   * @param context what the template shows, but for the parts that are the same in every report
   */
  static String of(Map<String, Object> context, JsonNode data) {
    String style = resource("report.css");
    String chartJs = withoutSourceMap(resource(CHART_JS));
    String script =
        "(() => {\n\"use strict\";\n" + resource("charts.js") + resource("samples.js") + "})();";
    Map<String, Object> all = new HashMap<>(context);
    all.put("policy", policy(style, chartJs, script));
    all.put("style", style);
    all.put("chartJs", chartJs);
    all.put("script", script);
    all.put("data", ScriptJson.of(data));
    Template template =
        Mustache.compiler().escapeHTML(true).compile(resource("report.html.mustache"));
    return Texts.wellFormed(template.execute(all));
  }

  private static String policy(String style, String... scripts) {
    StringBuilder policy = new StringBuilder("default-src 'none'; img-src data:; style-src ");
    policy.append(digest(style)).append("; script-src");
    for (String script : scripts) {
      policy.append(' ').append(digest(script));
    }
    return policy.append("; base-uri 'none'; form-action 'none'").toString();
  }

  private static String digest(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return "'sha256-" + Base64.getEncoder().encodeToString(digest) + "'";
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }

  /** Developer tools would look for the map beside the report. */
  private static String withoutSourceMap(String script) {
    return script.replaceAll("(?m)^//# sourceMappingURL=.*$", "");
  }

  /** A file beside this class or, with a leading slash, anywhere; line ends as a browser sees. */
  private static String resource(String name) {
    try (InputStream in = ReportPage.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("The application lacks its resource " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).replace("\r\n", "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
