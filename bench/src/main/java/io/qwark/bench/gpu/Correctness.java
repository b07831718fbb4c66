package io.qwark.bench.gpu;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.qwark.bench.Arguments;
import io.qwark.engine.api.Quantization;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Holds a device to the CPU's float32 and to Transformers, in a process of its own. */
final class Correctness {
  private static final String USAGE =
      "Correctness --device cpu|cuda:N --quantizations NAME,... --json FILE"
          + " [--large-name NAME --large FOLDER --peer FILE]";

  private static final ObjectMapper JSON = new ObjectMapper();

  private final String device;
  private final File json;
  private final List<Verdict> verdicts = new ArrayList<>();

  private Correctness(String device, File json) {
    this.device = device;
    this.json = json;
  }

  public static void main(String[] args) {
    Arguments.run(
        args,
        USAGE,
        arguments -> {
          List<Quantization> quantizations =
              arguments.words("quantizations", "float32").stream().map(Quantization::of).toList();
          Correctness suite =
              new Correctness(arguments.required("device"), new File(arguments.required("json")));
          String largeName = arguments.optional("large-name", null);
          String large = arguments.optional("large", null);
          String peer = arguments.optional("peer", null);
          arguments.requireAllUsed();
          TinyModels tiny = TinyModels.find();
          suite.tinyModels(tiny, quantizations);
          suite.mixedBatches(tiny, quantizations);
          if (peer != null) {
            for (PeerTask task : PeerTask.all(tiny, largeName, Path.of(large))) {
              suite.add(
                  AgainstTransformers.compare(task, task.outputs(new File(peer)), suite.device));
            }
          }
          if (!suite.device.equals("cpu") && quantizations.contains(Quantization.BFLOAT16)) {
            suite.add(
                MemoryRefusal.provoke(tiny.folders().get(TinyModels.WITH_TOKENIZER), suite.device));
          }
          System.exit(suite.passed(quantizations) ? 0 : 1);
        });
  }

  private void tinyModels(TinyModels tiny, List<Quantization> quantizations) throws IOException {
    for (String name : tiny.folders().keySet()) {
      AgainstFloat32 model =
          new AgainstFloat32(name, tiny.folders().get(name), tiny.texts().get(name));
      for (Quantization quantization : quantizations) {
        add(model.compare(quantization, device));
      }
    }
  }

  private void mixedBatches(TinyModels tiny, List<Quantization> quantizations) throws IOException {
    String name = TinyModels.WITH_TOKENIZER;
    MixedBatch batch = new MixedBatch(tiny.folders().get(name), tiny.texts().get(name));
    for (Quantization quantization : quantizations) {
      add(batch.compare(quantization, device));
    }
  }

  private void add(Verdict verdict) throws IOException {
    verdicts.add(verdict);
    System.err.println(verdict);
    // Whatever happens afterwards, this much is there.
    JSON.writeValue(json, Map.of("verdicts", verdicts));
  }

  /** Nothing failed, and each quantization served some model. */
  private boolean passed(List<Quantization> quantizations) {
    return verdicts.stream().noneMatch(v -> v.outcome() == Verdict.Outcome.FAILED)
        && quantizations.stream()
            .allMatch(
                q ->
                    verdicts.stream()
                        .anyMatch(
                            v ->
                                v.way().equals(q.wireName())
                                    && v.outcome() == Verdict.Outcome.PASSED));
  }
}
