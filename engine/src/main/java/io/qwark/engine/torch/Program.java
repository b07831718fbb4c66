package io.qwark.engine.torch;

import java.util.List;

/**
 * What a model is loaded into.
 *
 * @param parts names of resources that the program is put together from
 * @param device where it runs; the backend's but in tests, in which other parts stand for those
 *     that only a GPU can run
 */
record Program(List<String> parts, String device) {
  static Program of(Backend backend) {
    return new Program(CausalLmProgram.parts(backend), backend.device());
  }
}
