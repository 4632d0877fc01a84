package dev.emrys.run

import com.tngtech.archunit.core.domain.JavaClass
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses
import dev.emrys.testing.ModuleRules
import io.kotest.core.spec.style.FunSpec
import java.time.Clock
import java.util.Random

class ArchitectureTest :
    FunSpec({
        val rules = ModuleRules.of("dev.emrys.run", atLeast = 30)
        val module = rules.classes

        test("no collection has an order that changes from JVM to JVM") {
            rules.collectionsHaveAFixedOrder()
        }

        test("the packages and the classes have no cycles") {
            rules.packagesHaveNoCycles()
            rules.classesHaveNoCycles(
                // The state hands an event to the recorder, which writes the state.
                setOf("RunState", "TaskEventRecorder")
            )
        }

        test("run asks no clock: time arrives inside events") {
            rules.timeComesThroughPorts()
            noClasses()
                .should()
                .dependOnClassesThat()
                .areAssignableTo(Clock::class.java)
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.time.InstantSource")
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

        test("run does no input or output, and logs nothing") { rules.thereIsNoInputOrOutput() }

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
