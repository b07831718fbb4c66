package io.qwark.udf;

import io.qwark.engine.api.UserException;
import io.qwark.udf.HostCards.Card;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A card as CUDA numbers it in this process.
 *
 * <p>An address is what the discovery script announced: an index of nvidia-smi or a UUID. CUDA
 * counts otherwise: only cards that the process may use, from 0, by PCI bus if {@code
 * CUDA_DEVICE_ORDER} says so; and where {@code CUDA_VISIBLE_DEVICES} is set, only those it names,
 * in its order (CUDA C Programming Guide, "CUDA Environment Variables").
 *
 * @param ordinal the N of cuda:N
 * @param card tells the card from the host's others: its UUID, or its address where no nvidia-smi
 *     knows that
 */
record CudaDevice(int ordinal, String card) {
  private static final Pattern INDEX = Pattern.compile("\\d{1,4}");

  /**
   * @param visible CUDA_VISIBLE_DEVICES, or null if it is not set
   * @throws UserException if the address is of no card that CUDA shows to this process
   */
  static CudaDevice of(String address, String visible, HostCards host) {
    Card card = host.find(address).orElse(null);
    if (visible != null) {
      return amongVisible(address, card, visible, host);
    }
    if (card != null) {
      return new CudaDevice(host.cards().indexOf(card), card.uuid());
    }
    if (!host.cards().isEmpty()) {
      throw unusable(
          address,
          "nvidia-smi shows this process only "
              + host.cards().stream().map(c -> c.index() + " (" + c.uuid() + ")").toList(),
          "Let the discovery script run where executors run, as conf/gpu-discovery.sh is meant to");
    }
    if (!INDEX.matcher(address).matches()) {
      throw unusable(
          address,
          "it is not an index, and without nvidia-smi nothing tells which card it is",
          "Put nvidia-smi on the executors' PATH, or announce indices");
    }
    return new CudaDevice(Integer.parseInt(address), address);
  }

  private static CudaDevice amongVisible(
      String address, Card card, String visible, HostCards host) {
    List<String> entries = entries(visible);
    for (int i = 0; i < entries.size(); i++) {
      if (denotes(entries.get(i), address, card, host)) {
        return new CudaDevice(i, card == null ? address : card.uuid());
      }
    }
    throw unusable(
        address,
        "CUDA_VISIBLE_DEVICES is `" + visible + "`, which does not name it",
        "Unset the variable for executors, or let the discovery script announce what it names, as"
            + " conf/gpu-discovery.sh does");
  }

  /** Entries up to the first that CUDA cannot read; it looks at none behind it. */
  private static List<String> entries(String visible) {
    List<String> entries = new ArrayList<>();
    for (String entry : visible.split(",", -1)) {
      String name = entry.strip();
      if (!INDEX.matcher(name).matches() && !name.startsWith("GPU-") && !name.startsWith("MIG-")) {
        break;
      }
      entries.add(name);
    }
    return entries;
  }

  private static boolean denotes(String entry, String address, Card card, HostCards host) {
    if (card == null) {
      return isUuid(entry) ? address.startsWith(entry) : entry.equals(address);
    }
    if (isUuid(entry)) {
      // A UUID may be cut short as long as it is of one card.
      return card.uuid().startsWith(entry);
    }
    int index = Integer.parseInt(entry);
    return index < host.cards().size() && host.cards().get(index).equals(card);
  }

  private static boolean isUuid(String entry) {
    return !INDEX.matcher(entry).matches();
  }

  private static UserException unusable(String address, String reason, String remedy) {
    return new UserException(
        "Cannot use the GPU with the address " + address + " that Spark assigned", reason, remedy);
  }
}
