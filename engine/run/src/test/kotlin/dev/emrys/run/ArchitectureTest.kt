package dev.emrys.run

import com.tngtech.archunit.core.domain.JavaClass
import com.tngtech.archunit.core.domain.JavaClasses
import com.tngtech.archunit.core.importer.ClassFileImporter
import com.tngtech.archunit.core.importer.ImportOption
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.ints.shouldBeGreaterThanOrEqual
import java.time.Clock
import java.time.Instant
import java.util.Random

class ArchitectureTest :
    FunSpec({
        val module: JavaClasses =
            ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("dev.emrys.run")

        test("the rules check the classes of the module") {
            module.size shouldBeGreaterThanOrEqual 30
        }

        test("run asks no clock: time arrives inside events") {
            noClasses()
                .should()
                .callMethod(Instant::class.java, "now")
                .orShould()
                .callMethod(Instant::class.java, "now", Clock::class.java)
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(Clock::class.java)
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.time.InstantSource")
                .orShould()
                .callMethod(System::class.java, "currentTimeMillis")
                .orShould()
                .callMethod(System::class.java, "nanoTime")
                .check(module)
        }

        test("run draws no random numbers") {
            noClasses()
                .should()
                .dependOnClassesThat()
                .areAssignableTo(Random::class.java)
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.util.UUID")
                .orShould()
                .dependOnClassesThat()
                .resideInAPackage("java.util.random..")
                .orShould()
                .callMethod(Math::class.java, "random")
                .orShould()
                .callMethod(System::class.java, "identityHashCode", Any::class.java)
                .check(module)
        }

        test("run has no threads") {
            noClasses()
                .should()
                .dependOnClassesThat()
                .areAssignableTo(Thread::class.java)
                .orShould()
                .dependOnClassesThat()
                .resideInAPackage("java.util.concurrent..")
                .check(module)
        }

        test("run does no input or output, and logs nothing") {
            noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                    "java.io",
                    "java.nio.file..",
                    "java.nio.channels..",
                    "java.net..",
                    "java.sql..",
                    "org.slf4j..",
                    "java.util.logging..",
                    "software.amazon.awssdk..",
                )
                .check(module)
        }

        test("run knows the model and itself, and nothing else of Emrys") {
            val others =
                JavaClass.Predicates.resideInAPackage("dev.emrys..")
                    .and(
                        com.tngtech.archunit.base.DescribedPredicate.not(
                            JavaClass.Predicates.resideInAnyPackage(
                                "dev.emrys.run..",
                                "dev.emrys.spec..",
                                "dev.emrys.graph..",
                            )
                        )
                    )
            noClasses().should().dependOnClassesThat(others).check(module)
        }
    })
