package dev.emrys.emulator.wire

import dev.emrys.emulator.EmulatorHarness
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.io.File

class OperationsPageTest :
    FunSpec({
        val operations =
            OperationsPageTest::class
                .java
                .getResourceAsStream("operations.txt")!!
                .bufferedReader()
                .readLines()
                .filterNot { it.startsWith("#") }

        test("every operation of the service model is answered, and is on the page") {
            val dispatcher = OperationDispatcher(EmulatorHarness().emr)
            val unknown = operations.filter {
                dispatcher.respond(it, "{}").json().contains("UnknownOperationException")
            }
            unknown shouldContainExactly listOf()
            val rows =
                File("OPERATIONS.md")
                    .readLines()
                    .filter { it.startsWith("| `") }
                    .map { row ->
                        row.split("|").map { it.trim() }
                    }
            rows.map { it[1].trim('`') } shouldContainExactly operations
            rows.map { it[2] }.toSet() shouldBe setOf("yes", "states only")
        }

        test("no operation of the service model is unknown or fails") {
            val dispatcher = OperationDispatcher(EmulatorHarness().emr)
            for (operation in operations) {
                val response = dispatcher.respond(operation, "{}")
                if (response.status() != 200) {
                    response.status() shouldBe 400
                    response.json() shouldContain "ValidationException"
                }
            }
        }
    })
