package dev.emrys.acceptance

import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.longs.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldMatch
import java.nio.file.Files
import java.nio.file.Path
import kotlin.random.Random

private fun example(name: String) = PIPELINES.resolve("$name.emr.kts").toString()

/** The result of the example that counts words. */
private fun ExampleProgram.wordCount(vararg args: String): String {
    val result = run("run", example("word-count"), *args)
    return withClue(result) {
        result.exit shouldBe 0
        val place = Regex("whole result is at s3://(\\S+)").find(result.out)!!.groupValues[1]
        Files.readString(s3.resolve(place))
    }
}

/** Runs each example from the command line and compares its result. */
class ExamplesTest :
    FunSpec({
        val program = ExampleProgram()
        afterSpec { program.close() }

        fun text(name: String, content: String): Path =
            program.folder.resolve(name).also { Files.writeString(it, content) }

        test("pi is computed by Spark, and printed") {
            val result = program.run("run", example("pi"))
            withClue(result) {
                result.exit shouldBe 0
                result.out.trim() shouldMatch Regex("Pi is roughly 3\\.1[34]\\d*")
            }
        }

        test(
            "MapReduce and Spark count the words of the default text equally, and the counts are printed"
        ) {
            program.wordCount() shouldBe
                "James\t3\nthe\t3\nball.\t2\nhit\t1\nlost\t1\nmakes\t1\nshoes.\t1\n"
        }

        test(
            "a text in any alphabet is counted, in a file with a space, relative to the working folder"
        ) {
            text("ein Text.txt", "naïve 東京 naïve\u00a0x\r\n東京\u000c🎈\tnaïve")
            program.wordCount("--param", "input=ein Text.txt") shouldBe
                "naïve\t2\n東京\t2\nnaïve\u00a0x\t1\n🎈\t1\n"
        }

        test("an empty text has no words") {
            val empty = text("empty.txt", "")
            program.wordCount("--param", "input=$empty") shouldBe ""
        }

        test("the daily load ends with the report that its data imply") {
            val result = program.run("run", example("daily-etl"), "--param", "lake=s3://lake")
            withClue(result) {
                result.exit shouldBe 0
                val rows = Files.readAllLines(program.s3.resolve("lake/published/daily-report.csv"))
                rows.first() shouldBe "day,country,type,events,users,amount"
                result.out shouldContain "published ${rows.size - 1} rows"
                // data/events/README.md describes the sample.
                rows.drop(1).groupBy({ it.split(",")[0] }, { it.split(",")[3].toInt() }).mapValues {
                    it.value.sum()
                } shouldBe mapOf("2026-04-24" to 4, "2026-04-25" to 273, "2026-04-26" to 3)
                Files.list(program.s3.resolve("lake/events")).use { days ->
                    days
                        .map { it.fileName.toString() }
                        .filter { it.startsWith("day=") }
                        .sorted()
                        .toList() shouldBe
                        listOf("day=2026-04-24", "day=2026-04-25", "day=2026-04-26")
                }
            }
        }
    })

/** Apart from the others, because it takes as long as all of them. */
class LargeTextTest :
    FunSpec({
        val program = ExampleProgram()
        afterSpec { program.close() }

        // -Demrys.megabytes=100 counts a text of 100 MB.
        test("every word of a large text is counted") {
            val megabytes = System.getProperty("emrys.megabytes").toLong()
            val random = Random(megabytes)
            val counts = HashMap<String, Long>()
            val large = program.folder.resolve("large.txt")
            var written = 0L
            Files.newBufferedWriter(large).use { out ->
                while (written < megabytes * 1_000_000) {
                    // A few words are common, many are rare.
                    val word = "wört" + (1.0 / (random.nextDouble() + 1e-5)).toInt()
                    val between = " \t\n\r\u000c"[random.nextInt(5)]
                    out.append(word).append(between)
                    counts.merge(word, 1, Long::plus)
                    written += word.length + 2
                }
            }
            Files.size(large) shouldBeGreaterThan megabytes * 1_000_000 - 1
            // The words differ only in ASCII digits: they are ordered as their bytes.
            program.wordCount("--param", "input=$large") shouldBe
                counts.entries
                    .sortedWith(
                        compareByDescending<MutableMap.MutableEntry<String, Long>> { it.value }
                            .thenBy { it.key }
                    )
                    .joinToString("") { "${it.key}\t${it.value}\n" }
        }
    })
