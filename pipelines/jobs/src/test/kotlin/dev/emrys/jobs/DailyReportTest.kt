package dev.emrys.jobs

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.readLines
import kotlin.io.path.readText
import org.apache.spark.sql.Row

class DailyReportTest :
    FunSpec({
        test(
            "the script reports each day, country and type, and its totals are those of the events"
        ) {
            fun events(day: String, vararg lines: String) {
                Local.put("report-raw/$day/e.json", lines.joinToString("\n"))
                val args =
                    arrayOf(
                        "--input",
                        "s3://report-raw/$day",
                        "--output",
                        "s3://report/events",
                        "--day",
                        day,
                    )
                runJob { out, err -> DailyEtl.run(Local.spark, out, err, *args) }.err shouldBe ""
            }
            fun event(
                id: Int,
                day: String,
                user: String,
                type: String,
                country: String,
                amount: String = "null",
            ) =
                """{"id":"$id","ts":"${day}T12:00:00Z","user":"$user","type":"$type","country":"$country","amount":$amount}"""
            events(
                "2026-04-24",
                event(1, "2026-04-24", "ann", "purchase", "DE", "1.10"),
                event(2, "2026-04-24", "ann", "purchase", "DE", "2.20"),
                event(3, "2026-04-24", "bob", "view", "DE"),
            )
            events("2026-04-25", event(4, "2026-04-25", "bob", "purchase", "A,B", "5"))
            repeat(2) {
                val totals = runScript("s3://report/events", "s3://report/csv")
                totals.single().run { listOf(get(0), get(1), get(2), get(3).toString()) } shouldBe
                    listOf(2L, 4L, 2L, "8.30")
            }
            Local.whole("report/csv").decodeToString().lines() shouldContainExactly
                listOf(
                    "2026-04-24,DE,purchase,2,1,3.30",
                    "2026-04-24,DE,view,1,1,0.00",
                    "2026-04-25,\"A,B\",purchase,1,1,5.00",
                    "",
                )
        }

        test(
            "the parts of a report become one file with a header, as a whole, from s3:// to s3://"
        ) {
            Local.put("publish/in/part-00001-x.csv", "b,2\n")
            Local.put("publish/in/part-00000-x.csv", "a b,1\n")
            Local.put("publish/in/_SUCCESS", "")
            val expected = listOf("day,country,type,events,users,amount", "a b,1", "b,2")
            repeat(2) {
                publish("s3://publish/in/", "s3://publish/my site") shouldBe
                    JobResult(0, "published 2 rows to s3://publish/my site\n", "")
                Local.file("publish/my site/daily-report.csv").readLines() shouldContainExactly
                    expected
            }
            Local.file("publish/my site").listDirectoryEntries().map {
                it.name
            } shouldContainExactly listOf("daily-report.csv")
            val plain = Files.createTempDirectory("site")
            publish(Local.file("publish/in").toString(), "$plain", root = null).status shouldBe 0
            plain.resolve("daily-report.csv").readLines() shouldContainExactly expected
        }

        test("without a report or a root nothing is published, and the reason is printed") {
            Local.put("empty-report/_SUCCESS", "")
            val refusals =
                mapOf(
                    publish("s3://no-report", "s3://published") to
                        "there is no report at s3://no-report",
                    publish("s3://empty-report", "s3://published") to
                        "there is no part-*.csv in s3://empty-report",
                    publish("s3://publish/in", "s3://published", root = null) to
                        "EMRYS_S3_ROOT, the folder of the buckets, is not set",
                    publish("s3://publish/../x", "s3://published") to "would leave its bucket",
                    publish("s3://publish/in") to "not 1 arguments",
                )
            for ((said, why) in refusals) {
                said.status shouldBe 1
                said.err shouldContain why
            }
            Files.exists(Local.file("published")) shouldBe false
        }
    })

/**
 * As spark-sql does: the variables set, then one statement after the other; the rows of the last.
 */
private fun runScript(events: String, report: String): List<Row> {
    val spark = Local.spark
    spark.conf().set("events", events)
    spark.conf().set("report", report)
    val statements =
        Path.of("../sql/daily-report.sql")
            .readText()
            .replace(Regex("(?m)^--.*$"), "")
            .split(";")
            .filter { it.isNotBlank() }
    return statements.map { spark.sql(it) }.last().collectAsList()
}

private fun publish(vararg args: String, root: Path? = Local.root): JobResult {
    val builder = ProcessBuilder(listOf("bash", "../bin/publish.sh") + args)
    builder.environment().remove("EMRYS_S3_ROOT")
    root?.let { builder.environment()["EMRYS_S3_ROOT"] = it.toString() }
    val err = Files.createTempFile("publish", ".err")
    val process = builder.redirectError(err.toFile()).start()
    val out = process.inputStream.bufferedReader().readText()
    return JobResult(process.waitFor(), out, err.readText())
}
