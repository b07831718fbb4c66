package io.qwark.udf;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The devices of this process by the addresses that Spark knows; looked up once. */
final class CudaDevices {
  private static final Logger LOG = LoggerFactory.getLogger(CudaDevices.class);
  private static final Map<String, CudaDevice> BY_ADDRESS = new ConcurrentHashMap<>();

  private CudaDevices() {}

  /** Nobody asks before a task has a GPU. */
  private static final class Host {
    static final HostCards CARDS = HostCards.look("nvidia-smi");
  }

  static CudaDevice device(String address) {
    return BY_ADDRESS.computeIfAbsent(address, CudaDevices::find);
  }

  private static CudaDevice find(String address) {
    String order = System.getenv("CUDA_DEVICE_ORDER");
    if (Host.CARDS.cards().size() > 1 && !"PCI_BUS_ID".equals(order)) {
      LOG.warn(
          "CUDA_DEVICE_ORDER is {}: where cards differ, CUDA may number them otherwise than"
              + " nvidia-smi. Set spark.executorEnv.CUDA_DEVICE_ORDER=PCI_BUS_ID",
          order);
    }
    CudaDevice device = CudaDevice.of(address, System.getenv("CUDA_VISIBLE_DEVICES"), Host.CARDS);
    LOG.info("The GPU with the address {} is cuda:{}", address, device.ordinal());
    return device;
  }
}
