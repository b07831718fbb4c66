package io.qwark.udf;

import io.qwark.engine.api.Placement;

/**
 * What a replica is loaded onto.
 *
 * @param lock to hold while it is loaded, or null for none
 */
record Seat(Placement placement, CardLock lock) {
  static Seat unlocked(Placement placement) {
    return new Seat(placement, null);
  }
}
