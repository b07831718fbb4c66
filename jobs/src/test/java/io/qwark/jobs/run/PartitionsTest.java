package io.qwark.jobs.run;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PartitionsTest {
  @ParameterizedTest
  @CsvSource({
    // fewer rows than cores, a row each
    "1,1,64,2,1",
    "5,1,64,16,5",
    // both cores, however few the rows
    "8,4,64,2,2",
    // 960 samples could fill a replica 15 times: four tasks a core
    "240,4,64,2,8",
    "30,64,64,16,30",
    // 256 rows a task
    "10000,1,64,2,39",
    "1000000,1,64,16,3906"
  })
  void tasksKeepCoresBusyAndHoldFewRows(long rows, int n, int atATime, int cores, int tasks) {
    assertEquals(tasks, Partitions.byDefault(rows, n, atATime, cores));
  }
}
