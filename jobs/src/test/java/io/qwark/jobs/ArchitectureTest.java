package io.qwark.jobs;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.qwark.jobs");

  @Test
  void jobsHoldNoTensor() {
    noClasses().should().dependOnClassesThat().resideInAPackage("ai.djl..").check(CLASSES);
  }

  @Test
  void jobsLeaveTheEnginesInsideAlone() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "io.qwark.engine.torch..", "io.qwark.engine.schedule..", "io.qwark.engine.sample..")
        .check(CLASSES);
  }

  @Test
  void scoresAndMetricsAreFreeOfSpark() {
    noClasses()
        .that()
        .resideInAnyPackage("io.qwark.jobs.score..", "io.qwark.jobs.metrics..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.apache.spark..", "org.apache.hadoop..", "scala..")
        .check(CLASSES);
  }

  @Test
  void packagesAreFreeOfCycles() {
    slices().matching("io.qwark.(**)").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void onlyMainEndsTheProcess() {
    noClasses()
        .that()
        .doNotHaveFullyQualifiedName("io.qwark.jobs.Main")
        .should()
        .callMethod(System.class, "exit", int.class)
        .orShould()
        .callMethod(Runtime.class, "exit", int.class)
        .orShould()
        .callMethod(Runtime.class, "halt", int.class)
        .check(CLASSES);
  }

  @Test
  void whatRunsOnExecutorsDoesNotPrint() {
    noClasses()
        .that()
        .resideInAnyPackage(
            "io.qwark.jobs.config..",
            "io.qwark.jobs.data..",
            "io.qwark.jobs.score..",
            "io.qwark.jobs.metrics..")
        .should(ACCESS_STANDARD_STREAMS)
        .check(CLASSES);
  }
}
