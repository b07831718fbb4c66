package io.qwark.jobs.run;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PartitionsTest {
  @ParameterizedTest
  @CsvSource({"1,2,1", "5,2,5", "240,2,8", "10000,2,39", "10000,16,64", "1000000,16,3906"})
  void tasksKeepCoresBusyAndHoldFewRows(long rows, int cores, int tasks) {
    assertEquals(tasks, Partitions.byDefault(rows, cores));
  }
}
