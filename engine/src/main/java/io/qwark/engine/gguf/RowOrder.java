package io.qwark.engine.gguf;

/**
 * Where a file holds the rows of a matrix. For architecture llama, llama.cpp rotates neighbouring
 * rows of a head's queries and keys, and Transformers rows that are half a head apart; so the
 * converter moved row {@code k * width / 2 + j} of a head to {@code 2 * j + k} (LlamaModel.permute
 * of convert_hf_to_gguf.py).
 *
 * @param headRows rows of a head that were moved, or 0 where the file's own order is Transformers'
 */
record RowOrder(long headRows) {
  static final RowOrder FILES_OWN = new RowOrder(0);

  boolean isFilesOwn() {
    return headRows == 0;
  }

  /** Where the file holds a row of Transformers' order. */
  long rowInFile(long row) {
    long within = row % headRows;
    long half = headRows / 2;
    return row - within + within % half * 2 + within / half;
  }
}
