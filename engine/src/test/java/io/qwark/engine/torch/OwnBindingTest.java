package io.qwark.engine.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.util.Utils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What engine/native adds to DJL's own library, and what it refuses that would end a JVM there. */
class OwnBindingTest {
  private static final String PROBE =
      """
      class Probe(Module):
        __parameters__ = []
        __buffers__ = []
        training : bool
        def flipped(self: __torch__.Probe, x: bool) -> bool:
          return torch.__not__(x)
        def half(self: __torch__.Probe, x: float) -> float:
          return torch.div(x, 2.)
        def twice(self: __torch__.Probe, x: str) -> str:
          return torch.add(x, x)
        def longs(self: __torch__.Probe, x: List[int]) -> List[int]:
          return torch.add(x, [7])
        def doubles(self: __torch__.Probe, x: List[float]) -> List[float]:
          return torch.add(x, [0.5])
        def pair(self: __torch__.Probe, x: Tensor, y: int) -> Tuple[Tensor, int]:
          return (torch.neg(x), torch.neg(y))
        def as_type(self: __torch__.Probe, x: Tensor, dtype: int) -> Tensor:
          return torch.to(x, dtype)
        def memory(self: __torch__.Probe, device: str) -> List[int]:
          return ops.qwark_device.memory(device)
        def synchronize(self: __torch__.Probe, device: str) -> int:
          ops.qwark_device.synchronize(device)
          return 0
      """;

  private static PtNDManager manager;
  private static PtSymbolBlock probe;

  @BeforeAll
  static void load() throws IOException {
    String path = Utils.getEnvOrSystemProperty(LibtorchCheck.PATH);
    assumeTrue(path != null, "PYTORCH_LIBRARY_PATH names no binding (engine/native/test.sh does)");
    String djl = BundledTorch.onClassPath().djl();
    assumeTrue(
        LibtorchFolder.find(path)
            .flatMap(folder -> folder.binding(djl))
            .flatMap(BindingMark::read)
            .isPresent(),
        "PYTORCH_LIBRARY_PATH names DJL's own binding");
    TorchRuntime.version();
    manager = (PtNDManager) NDManager.newBaseManager(Device.cpu(), "PyTorch");
    byte[] archive = TorchArchive.write("Probe", PROBE, Map.of("training", false));
    probe = JniUtils.loadModule(manager, new ByteArrayInputStream(archive), false, false);
  }

  @AfterAll
  static void close() {
    if (probe != null) {
      probe.close();
      manager.close();
    }
  }

  @Test
  void everyTypeOfValueGoesInAndOut() {
    assertEquals(false, run("flipped", IValue.from(true)).toBoolean());
    assertEquals(-0.75, run("half", IValue.from(-1.5)).toDouble());
    assertEquals("a\0é😀a\0é😀", run("twice", IValue.from("a\0é😀")).toStringValue());
    assertArrayEquals(new long[] {-1, 7}, run("longs", IValue.listFrom(-1L)).toLongArray());
    assertArrayEquals(new double[] {0.5}, run("doubles", noDoubles()).toDoubleArray());
    IValue[] pair = run("pair", IValue.from(floats(1, 2)), IValue.from(3L)).toIValueTuple();
    assertArrayEquals(new float[] {-1, -2}, pair[0].toTensor(manager).toFloatArray());
    assertEquals(-3, pair[1].toLong());
  }

  private static IValue noDoubles() {
    return IValue.listFrom(new double[0]);
  }

  @Test
  void aValueTakenForAnotherIsRefused() {
    IValue number = run("half", IValue.from(1.0));
    assertRefused("a value is of type Double, not Int", number::toLong);
    assertRefused("a value is of type Double, not Tensor", () -> number.toTensor(manager));
    assertRefused("a value is of type Double, not TensorList", () -> number.toTensorArray(manager));
  }

  @Test
  void failuresKeepTextThatJniWouldCutOff() {
    assertRefused("größer 😀", () -> IValueUtils.runMethod(probe, "größer 😀"));
  }

  /** DJL's own library ends the JVM with the last five. */
  @ParameterizedTest
  @EnumSource(
      value = DataType.class,
      names = {
        "FLOAT32",
        "FLOAT64",
        "FLOAT16",
        "UINT8",
        "INT32",
        "INT8",
        "INT64",
        "BOOLEAN",
        "BFLOAT16",
        "UINT64",
        "UINT32",
        "UINT16",
        "INT16"
      })
  void aTensorIsOfTheTypeThatJavaAskedFor(DataType type) {
    PtNDArray tensor = manager.create(new Shape(2, 3), type);
    assertEquals(type, tensor.getDataType());
    assertEquals(6 * type.getNumOfBytes(), tensor.toByteBuffer(true).remaining());
    assertEquals(6 * type.getNumOfBytes(), tensor.toByteBuffer(false).remaining());
  }

  @Test
  void bfloat16IsRoundedAsLibtorchDoes() {
    PtNDArray half = floats(1.00390625f, -3).toType(DataType.BFLOAT16, false);
    assertEquals(0x3f80, half.toByteBuffer(true).getShort(0) & 0xffff);
    assertArrayEquals(new float[] {1, -3}, half.toType(DataType.FLOAT32, false).toFloatArray());
  }

  @ParameterizedTest
  @EnumSource(
      value = DataType.class,
      names = {"UNKNOWN", "STRING"})
  void aTypeThatLibtorchLacksIsRefused(DataType type) {
    assertRefused(
        "libtorch has no type for DJL's DataType number " + type.ordinal(),
        () -> manager.create(new Shape(1), type));
  }

  /** float8_e4m3fn, number 24 in libtorch. */
  @Test
  void aTypeThatDjlLacksIsUnknownToJava() {
    PtNDArray eighth = run("as_type", IValue.from(floats(1)), IValue.from(24L)).toTensor(manager);
    assertEquals(DataType.UNKNOWN, eighth.getDataType());
    float[] back =
        run("as_type", IValue.from(eighth), IValue.from(6L)).toTensor(manager).toFloatArray();
    assertArrayEquals(new float[] {1}, back);
  }

  @Test
  void aBufferThatIsTooSmallIsRefused() {
    ByteBuffer buffer = ByteBuffer.allocateDirect(15).order(ByteOrder.nativeOrder());
    assertRefused(
        "a buffer of 15 bytes is too small for a tensor of 16",
        () ->
            JniUtils.createNdFromByteBuffer(
                manager, buffer, new Shape(4), DataType.FLOAT32, dense(), Device.cpu()));
    assertRefused(
        "a shape is too large",
        () ->
            JniUtils.createNdFromByteBuffer(
                manager,
                buffer,
                new Shape(1L << 40, 1L << 40),
                DataType.FLOAT32,
                dense(),
                Device.cpu()));
  }

  private static SparseFormat dense() {
    return SparseFormat.DENSE;
  }

  @Test
  void aMethodThatTheEngineDoesNotUseIsAnErrorOfJava() {
    PtNDArray x = floats(1);
    assertThrows(UnsatisfiedLinkError.class, () -> x.add(x));
  }

  @Test
  void aCardThatIsNotThereIsRefused() {
    assumeFalse(TorchRuntime.servesCuda(), "there is a card");
    PtNDManager card = (PtNDManager) manager.newSubManager(Device.gpu(0));
    assertRefused("cuda:0 cannot be used", () -> card.create(new Shape(1), DataType.FLOAT32));
    assertRefused("cuda:0 cannot be used", () -> floats(1).toDevice(Device.gpu(0), false));
    assertRefused("sees no card", () -> run("memory", IValue.from("cuda:0")));
  }

  @Test
  void tensorsMoveToTheCardAndBack() {
    assumeTrue(TorchRuntime.servesCuda(), "libtorch serves no card here");
    try (PtNDManager card = (PtNDManager) manager.newSubManager(Device.gpu(0))) {
      PtNDArray x = (PtNDArray) card.create(new float[] {1, 2, 3});
      assertEquals(Device.gpu(0), x.getDevice());
      assertArrayEquals(new float[] {1, 2, 3}, x.toFloatArray());
      assertArrayEquals(new float[] {1, 2, 3}, x.toDevice(Device.cpu(), false).toFloatArray());
      run("synchronize", IValue.from("cuda:0"));
      PtNDArray large = card.create(new Shape(1 << 26), DataType.UINT8);
      long[] memory = run("memory", IValue.from("cuda:0")).toLongArray();
      assertTrue(0 < memory[0] && memory[0] < memory[1], "free of all");
      assertTrue(memory[2] >= memory[3] && memory[3] >= 1 << 26, "taken, in tensors");
      large.close();
      JniUtils.emptyCudaCache();
      long[] after = run("memory", IValue.from("cuda:0")).toLongArray();
      assertTrue(after[2] <= memory[2] - (1 << 26), "taken after the cache was emptied");
      assertRefused(
          "cuda:99 does not exist",
          () -> manager.newSubManager(Device.gpu(99)).create(new Shape(1), DataType.FLOAT32));
    }
  }

  private static PtNDArray floats(float... values) {
    return (PtNDArray) manager.create(values);
  }

  private static IValue run(String method, IValue... arguments) {
    return IValueUtils.runMethod(probe, method, arguments);
  }

  private static void assertRefused(String part, Executable call) {
    String message = assertThrows(EngineException.class, call).getMessage();
    assertTrue(message.contains(part), message);
  }
}
