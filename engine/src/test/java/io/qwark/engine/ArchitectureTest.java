package io.qwark.engine;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
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
          .importPackages("io.qwark.engine");

  @Test
  void theEngineKnowsNothingOfSpark() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "org.apache.spark..", "org.apache.hadoop..", "scala..", "io.qwark.udf..")
        .check(CLASSES);
  }

  @Test
  void vocabularyCheckpointsSchedulingAndSamplingHoldNoTensor() {
    noClasses()
        .that()
        .resideInAnyPackage(
            "io.qwark.engine.api..",
            "io.qwark.engine.checkpoint..",
            "io.qwark.engine.schedule..",
            "io.qwark.engine.sample..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("ai.djl..")
        .check(CLASSES);
  }

  @Test
  void textUsesDjlForTokenizersOnly() {
    noClasses()
        .that()
        .resideInAPackage("io.qwark.engine.text..")
        .should()
        .dependOnClassesThat(
            resideInAPackage("ai.djl..").and(not(resideInAPackage("ai.djl.huggingface.."))))
        .allowEmptyShould(true)
        .check(CLASSES);
  }

  @Test
  void theVocabularyStandsAlone() {
    noClasses()
        .that()
        .resideInAPackage("io.qwark.engine.api..")
        .should()
        .dependOnClassesThat(
            resideInAPackage("io.qwark..").and(not(resideInAPackage("io.qwark.engine.api.."))))
        .check(CLASSES);
  }

  @Test
  void checkpointsAndTextBuildOnTheVocabularyAlone() {
    noClasses()
        .that()
        .resideInAnyPackage("io.qwark.engine.checkpoint..", "io.qwark.engine.text..")
        .should()
        .dependOnClassesThat(
            resideInAPackage("io.qwark..")
                .and(
                    not(
                        resideInAnyPackage(
                            "io.qwark.engine.api..",
                            "io.qwark.engine.checkpoint..",
                            "io.qwark.engine.text.."))))
        .check(CLASSES);
  }

  @Test
  void fetchingBuildsOnTheVocabularyAlone() {
    noClasses()
        .that()
        .resideInAnyPackage("io.qwark.engine.source..", "io.qwark.engine.hub..")
        .should()
        .dependOnClassesThat(
            resideInAPackage("io.qwark..")
                .and(
                    not(
                        resideInAnyPackage(
                            "io.qwark.engine.api..",
                            "io.qwark.engine.source..",
                            "io.qwark.engine.hub.."))))
        .check(CLASSES);
  }

  @Test
  void packagesAreFreeOfCycles() {
    slices().matching("io.qwark.(**)").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void theEngineNeverEndsTheProcess() {
    noClasses()
        .should()
        .callMethod(System.class, "exit", int.class)
        .orShould()
        .callMethod(Runtime.class, "exit", int.class)
        .orShould()
        .callMethod(Runtime.class, "halt", int.class)
        .check(CLASSES);
  }

  @Test
  void theEngineLogsInsteadOfPrinting() {
    noClasses().should(ACCESS_STANDARD_STREAMS).check(CLASSES);
  }
}
