package dev.emrys.emr

import com.tngtech.archunit.core.importer.ClassFileImporter
import com.tngtech.archunit.core.importer.ImportOption
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.ints.shouldBeGreaterThanOrEqual
import java.time.Instant

class ArchitectureTest :
    FunSpec({
        val module =
            ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("dev.emrys.emr")

        test("the rules apply to the module") { module.size shouldBeGreaterThanOrEqual 10 }

        test("nothing here is in an order that changes from JVM to JVM") {
            noClasses()
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.util.HashMap")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.util.HashSet")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.util.IdentityHashMap")
                .orShould()
                .callMethod(Set::class.java, "of", Any::class.java)
                .orShould()
                .callMethod(Map::class.java, "of", Any::class.java, Any::class.java)
                .check(module)
        }

        test("the time comes through a port") {
            noClasses()
                .should()
                .callMethod(Instant::class.java, "now")
                .orShould()
                .callMethod(System::class.java, "currentTimeMillis")
                .orShould()
                .callMethod(System::class.java, "nanoTime")
                .check(module)
        }
    })
