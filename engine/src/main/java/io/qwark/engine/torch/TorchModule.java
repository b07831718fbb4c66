package io.qwark.engine.torch;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import io.qwark.engine.model.DeviceLostException;
import io.qwark.engine.model.DeviceMemoryException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A loaded TorchScript program and the tensors that live as long as it does. All calls come from
 * the one thread that made it.
 */
final class TorchModule implements AutoCloseable {
  /** Of the program, on its device. */
  private final PtNDManager home;

  /** Of tensors, on the CPU. */
  private final PtNDManager manager;

  private final PtSymbolBlock block;

  /** Memory that the program's weights may lie in. */
  private final List<ByteBuffer> mapped = new ArrayList<>();

  private TorchModule(PtNDManager home, PtSymbolBlock block) {
    this.home = home;
    this.manager = (PtNDManager) NDManager.newBaseManager(Device.cpu(), "PyTorch");
    this.block = block;
  }

  static TorchModule load(
      String className, String source, Map<String, Object> attributes, int threads) {
    return load(className, source, attributes, Device.cpu(), threads);
  }

  /**
   * @param device which is the current one while it runs, so that nothing it does wakes another
   *     card; tensors that go in and out are on the CPU
   */
  static TorchModule load(
      String className, String source, Map<String, Object> attributes, Device device, int threads) {
    TorchRuntime.version();
    PtNDManager home = (PtNDManager) NDManager.newBaseManager(device, "PyTorch");
    try {
      prepareThread(threads);
      byte[] archive = TorchArchive.write(className, source, attributes);
      return new TorchModule(
          home, JniUtils.loadModule(home, new ByteArrayInputStream(archive), false, false));
    } catch (IOException e) {
      home.close();
      throw new UncheckedIOException(e);
    } catch (EngineException e) {
      home.close();
      throw new TorchException("load", e);
    }
  }

  /**
   * Settings that libtorch keeps for each thread. The graph optimizer merges equal allocations into
   * one tensor, which would alias buffers that are written in place, so it stays off.
   */
  private static void prepareThread(int threads) {
    JniUtils.setGraphExecutorOptimize(false);
    JniUtils.setNumThreads(threads);
  }

  /** A scope for the tensors of one call; close it when their values have been read. */
  Scope scope() {
    return new Scope((PtNDManager) manager.newSubManager());
  }

  /** Uninitialised bytes that live as long as the module. */
  PtNDArray emptyBytes(long... shape) {
    return (PtNDArray) manager.create(new Shape(shape), DataType.UINT8);
  }

  @Override
  public void close() {
    block.close();
    manager.close();
    home.close();
  }

  /** Calls methods of the module and owns what comes back. */
  final class Scope implements AutoCloseable {
    private final PtNDManager local;

    /** Seen by tensors of this scope. */
    private final List<ByteBuffer> passing = new ArrayList<>();

    private Scope(PtNDManager local) {
      this.local = local;
    }

    /** A tensor over the memory of a direct buffer, which is not copied and stays reachable. */
    PtNDArray bytes(ByteBuffer buffer, long rows, long bytesPerRow) {
      mapped.add(buffer);
      return (PtNDArray) local.create(buffer, new Shape(rows, bytesPerRow), DataType.UINT8);
    }

    /** The same for memory that is not needed any more once the scope is closed. */
    PtNDArray passingBytes(ByteBuffer buffer, long rows, long bytesPerRow) {
      passing.add(buffer);
      return (PtNDArray) local.create(buffer, new Shape(rows, bytesPerRow), DataType.UINT8);
    }

    /** Uninitialised bytes. */
    PtNDArray emptyBytes(long... shape) {
      return (PtNDArray) local.create(new Shape(shape), DataType.UINT8);
    }

    PtNDArray longs(long... values) {
      return (PtNDArray) local.create(values);
    }

    PtNDArray floats(float... values) {
      return (PtNDArray) local.create(values);
    }

    PtNDArray matrix(long[][] rows) {
      return (PtNDArray) local.create(rows);
    }

    PtNDArray matrix(double[][] rows) {
      return (PtNDArray) local.create(rows);
    }

    long callForLong(String method, Object... arguments) {
      try (IValue result = run(method, arguments)) {
        return result.toLong();
      }
    }

    PtNDArray call(String method, Object... arguments) {
      try (IValue result = run(method, arguments)) {
        return result.toTensor(local);
      }
    }

    PtNDArray[] callForList(String method, Object... arguments) {
      try (IValue result = run(method, arguments)) {
        return result.toTensorArray(local);
      }
    }

    private IValue run(String method, Object... arguments) {
      IValue[] values = new IValue[arguments.length];
      try {
        for (int i = 0; i < values.length; i++) {
          values[i] = value(arguments[i]);
        }
        return IValueUtils.runMethod(block, method, values);
      } catch (EngineException e) {
        throw failure(method, e);
      } finally {
        // Unclosed IValues are never freed.
        for (IValue value : values) {
          if (value != null) {
            value.close();
          }
        }
      }
    }

    @Override
    public void close() {
      local.close();
      passing.clear();
    }
  }

  private static RuntimeException failure(String method, EngineException e) {
    TorchException failure = new TorchException(method, e);
    if (OutOfMemory.is(e.getMessage())) {
      return new DeviceMemoryException(failure.getMessage(), failure);
    }
    return DeviceLost.is(e.getMessage())
        ? new DeviceLostException(failure.getMessage(), failure)
        : failure;
  }

  private static IValue value(Object argument) {
    if (argument instanceof PtNDArray tensor) {
      return IValue.from(tensor);
    } else if (argument instanceof Long n) {
      return IValue.from(n);
    } else if (argument instanceof Integer n) {
      return IValue.from(n.longValue());
    } else if (argument instanceof Double d) {
      return IValue.from(d);
    } else if (argument instanceof long[] list) {
      return IValue.listFrom(list);
    } else if (argument instanceof List<?> tensors) {
      return IValue.listFrom(tensors.toArray(PtNDArray[]::new));
    }
    throw new IllegalArgumentException("no IValue for " + argument);
  }
}
