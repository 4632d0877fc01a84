package org.apache.spark.examples

import io.kotest.core.spec.style.FunSpec
import io.kotest.extensions.system.withSystemProperties
import io.kotest.matchers.doubles.shouldBeBetween
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldMatch
import io.kotest.matchers.string.shouldStartWith
import java.io.ByteArrayOutputStream
import java.io.PrintStream
import java.nio.file.Files
import kotlin.io.path.writeText

class ExamplesTest :
    FunSpec({
        test("SparkPi prints one line, the same in every run and under both class names") {
            val printed = local { SparkPi.main(arrayOf("2")) }
            printed shouldMatch Regex("Pi is roughly 3\\.14\\d*\n")
            local { JavaSparkPi.main(emptyArray()) } shouldBe printed
        }

        test("the estimate starts with 3.14 for any number of slices") {
            var hits = 0L
            for (slices in 1..1000) {
                hits += PiEstimate.hits(slices - 1)
                PiEstimate.estimate(hits, slices).toString() shouldStartWith "3.14"
            }
            PiEstimate.estimate(hits, 1000).shouldBeBetween(Math.PI - 0.001, Math.PI + 0.001, 0.0)
        }

        test("an invalid number of slices is an error of one line") {
            for (wrong in listOf("0", "-1", "many", "9999999999")) {
                val err = ByteArrayOutputStream()
                PiEstimate.run(arrayOf(wrong), System.out, PrintStream(err)) shouldBe 1
                err.toString() shouldContain "\"$wrong\" is not a whole number"
            }
        }

        test("JavaWordCount prints each word with its count") {
            val file = Files.createTempFile("text", ".txt")
            file.writeText("James hit the ball.\n\n James  makes the\tball.\n")
            local { JavaWordCount.main(arrayOf(file.toString())) } shouldBe
                "James: 2\nball.: 2\nhit: 1\nmakes: 1\nthe: 2\n"
            JavaWordCount.run(
                emptyArray(),
                System.out,
                PrintStream(ByteArrayOutputStream()),
            ) shouldBe 1
        }
    })

/** The output of a program on two local cores, with the settings that spark-submit would give. */
private fun local(program: () -> Unit): String {
    val out = ByteArrayOutputStream()
    val console = System.out
    System.setOut(PrintStream(out, true))
    try {
        withSystemProperties(
            mapOf(
                "spark.master" to "local[2]",
                "spark.ui.enabled" to "false",
                "spark.driver.host" to "localhost",
                "spark.driver.bindAddress" to "127.0.0.1",
            )
        ) {
            program()
        }
    } finally {
        System.setOut(console)
    }
    return out.toString()
}
