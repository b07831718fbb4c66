package io.qwark.engine.gguf;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * The merges that a SentencePiece vocabulary with scores stands for, as Transformers derives them
 * ({@code generate_merges} of convert_slow_tokenizer.py): each way to cut a piece into two others,
 * by falling score, then by the lengths of the parts; ways to cut one piece in the order of the
 * parts' ids.
 */
final class PieceMerges {
  /** SentencePiece's own limit is 16; keeps a vocabulary of long texts from quadratic work. */
  private static final int MAX_PIECE = 512;

  record Pair(String left, String right, double score, int leftId, int rightId) {}

  private PieceMerges() {}

  static List<Pair> of(TokenList tokens, double[] scores, Map<String, Integer> ids) {
    List<Pair> all = new ArrayList<>();
    for (int id = 0; id < tokens.size(); id++) {
      String piece = tokens.text(id);
      if (tokens.isUnused(id) || piece.length() > MAX_PIECE) {
        continue;
      }
      List<Pair> cuts = new ArrayList<>();
      for (int cut = 1; cut < piece.length(); cut++) {
        Integer left = ids.get(piece.substring(0, cut));
        Integer right = ids.get(piece.substring(cut));
        if (left != null && right != null) {
          cuts.add(
              new Pair(piece.substring(0, cut), piece.substring(cut), scores[id], left, right));
        }
      }
      cuts.sort(Comparator.comparingInt(Pair::leftId).thenComparingInt(Pair::rightId));
      all.addAll(cuts);
    }
    // Stable, as Python's sort is.
    all.sort(
        Comparator.comparingDouble(Pair::score)
            .thenComparingInt((Pair pair) -> length(pair.left()))
            .thenComparingInt(pair -> length(pair.right()))
            .reversed());
    return all;
  }

  /** In characters as Python counts them. */
  private static int length(String text) {
    return text.codePointCount(0, text.length());
  }
}
