package io.qwark.udf;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          // ImportOption.DoNotIncludeTests does not know the build folder of Spark 3.5.
          .withImportOption(location -> !location.contains("/test-classes/"))
          .importPackages("io.qwark.udf");

  @Test
  void sparkIntegrationKnowsNothingOfJobs() {
    noClasses().should().dependOnClassesThat().resideInAPackage("io.qwark.jobs..").check(CLASSES);
  }

  @Test
  void sparkIntegrationHoldsNoTensor() {
    noClasses().should().dependOnClassesThat().resideInAPackage("ai.djl..").check(CLASSES);
  }

  @Test
  void modelsAreSeenThroughTheVocabularyOnly() {
    noClasses()
        .should()
        .dependOnClassesThat(
            resideInAPackage("io.qwark.engine..")
                .and(not(resideInAPackage("io.qwark.engine.api.."))))
        .check(CLASSES);
  }

  @Test
  void packagesAreFreeOfCycles() {
    slices().matching("io.qwark.(**)").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void sparkIntegrationNeverEndsTheProcess() {
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
  void sparkIntegrationLogsInsteadOfPrinting() {
    noClasses().should(ACCESS_STANDARD_STREAMS).check(CLASSES);
  }
}
