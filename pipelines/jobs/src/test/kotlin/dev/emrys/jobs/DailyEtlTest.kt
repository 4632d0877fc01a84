package dev.emrys.jobs

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith
import java.nio.file.Path
import java.time.LocalDate
import kotlin.io.path.exists
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.readText
import org.apache.spark.sql.Encoders

class DailyEtlTest :
    FunSpec({
        test("the example's day becomes partitions by UTC, and a second run changes nothing") {
            Local.put(
                "raw/2026-04-25/part-0.json",
                Path.of("../data/events/2026-04-25/part-0.json").readText(),
            )
            val args =
                arrayOf(
                    "--input",
                    "s3://raw/2026-04-25/",
                    "--output",
                    "s3://curated/events/",
                    "--day",
                    "2026-04-25",
                )
            val first = etl(*args)
            first.err shouldBe ""
            first.out.lines().first() shouldBe "read 300, malformed 8, written 280"
            first.out shouldContain "2026-04-24, 2026-04-25, 2026-04-26"
            val rows = rows("curated/events")
            rows shouldHaveSize 280
            rows.groupingBy { it.substringAfterLast(',') }.eachCount() shouldBe
                mapOf("2026-04-24" to 4, "2026-04-25" to 273, "2026-04-26" to 3)
            etl(*args) shouldBe first
            rows("curated/events") shouldContainExactly rows
        }

        test("of one id the latest event counts, and a tie is always decided in the same way") {
            Local.put(
                "dup/a.json",
                event("x", "2026-04-25T10:00:00Z", "\"amount\":1,") +
                    event("x", "2026-04-25T12:00:00+01:00", "\"amount\":2.5,"),
            )
            Local.put(
                "dup/b.json",
                event("y", "2026-04-25T10:00:00Z") +
                    event("y", "2026-04-25T10:00:00Z", "\"amount\":7,"),
            )
            etl("--input", "s3://dup/", "--output", "s3://dup-out/e", "--day", "2026-04-25")
                .out shouldStartWith "read 4, malformed 0, written 2\n"
            rows("dup-out/e") shouldContainExactly
                listOf(
                    "x,2026-04-25 11:00:00,u,view,2.50,DE,2026-04-25",
                    "y,2026-04-25 10:00:00,u,view,7.00,DE,2026-04-25",
                )
        }

        test(
            "a neighbour's partition keeps what other batches brought, and far partitions are not touched"
        ) {
            fun day(day: String, vararg events: String) {
                Local.put("shared/$day/e.json", events.joinToString(""))
                etl("--input", "s3://shared/$day/", "--output", "s3://shared-out/e", "--day", day)
                    .status shouldBe 0
            }
            day("2026-04-23", event("a", "2026-04-23T10:00:00Z"))
            val untouched =
                Local.file("shared-out/e/day=2026-04-23").listDirectoryEntries().map { it.name }
            day(
                "2026-04-24",
                event("b", "2026-04-24T10:00:00Z"),
                event("c", "2026-04-24T11:00:00Z", "\"amount\":1,"),
            )
            day(
                "2026-04-25",
                event("late", "2026-04-24T23:59:59Z"),
                event("c", "2026-04-24T12:00:00Z", "\"amount\":2,"),
            )
            rows("shared-out/e").map {
                it.split(",").run { "${get(0)} ${get(4)} ${get(6)}" }
            } shouldContainExactly
                listOf(
                    "a null 2026-04-23",
                    "b null 2026-04-24",
                    "c 2.00 2026-04-24",
                    "late null 2026-04-24",
                )
            Local.file("shared-out/e/day=2026-04-23").listDirectoryEntries().map {
                it.name
            } shouldBe untouched
        }

        test("more malformed lines than allowed fail the job, and nothing is written") {
            Local.put(
                "bad/e.json",
                event("a", "2026-04-25T10:00:00Z") +
                    "{\n\n" +
                    "{}{}\n" +
                    event("b", "2026-04-25T10:00:00Z"),
            )
            fun bad(percent: Int) =
                etl(
                    "--input",
                    "s3://bad/",
                    "--output",
                    "s3://bad-out/e",
                    "--day",
                    "2026-04-25",
                    "--max-malformed-percent",
                    "$percent",
                )
            bad(49).run {
                status shouldBe 1
                err shouldContain "2 of 4 lines in s3://bad/ are malformed, more than 49 %"
            }
            Local.file("bad-out").exists() shouldBe false
            bad(50).out shouldStartWith "read 4, malformed 2, written 2\n"
        }

        test("a missing input is refused with a message") {
            Local.put("blank/e.json", "\n \n")
            etl("--input", "s3://nothing/x", "--output", "s3://no-out/e", "--day", "2026-04-25")
                .run {
                    status shouldBe 1
                    err shouldContain "There is no input at s3://nothing/x"
                }
            etl("--input", "s3://blank/", "--output", "s3://no-out/e", "--day", "2026-04-25")
                .err shouldContain "There is no event in s3://blank/"
            etl("--input", "s3://blank/", "--output", "s3://no-out/e", "--day", "25.4.2026")
                .err shouldContain "--day is"
            etl("--input", "s3://blank/", "--day", "2026-04-25").err shouldContain
                "--output is missing"
        }

        test("each kind of malformed line is recognized, and no valid line") {
            val raw = RawEvents(LocalDate.parse("2026-04-25"))
            val good = event("a", "2026-04-25T10:00:00Z", "\"amount\":0,").trim()
            raw.parse(good).hasNext() shouldBe true
            raw.parse(good.replace("\"amount\":0", "\"amount\":null,\"more\":[1]"))
                .hasNext() shouldBe true
            raw.parse(good.replace("10:00:00Z", "10:00:00.123456789-05:00")).hasNext() shouldBe true
            val wrong =
                listOf(
                    good + "x",
                    good.dropLast(1),
                    "[]",
                    "null",
                    "\uFFFD",
                    good.replace("\"a\"", "\"\""),
                    good.replace("\"a\"", "7"),
                    good.replace("10:00:00Z", "10:00:00"),
                    good.replace("2026-04-25T", "2026-04-23T"),
                    good.replace("2026-04-25T", "2026-04-27T"),
                    good.replace("\"user\"", "\"usr\""),
                    good.replace("\"amount\":0", "\"amount\":\"0\""),
                    good.replace("\"amount\":0", "\"amount\":0.001"),
                    good.replace("\"amount\":0", "\"amount\":12345678901234567"),
                    good.replace("\"amount\":0", "\"id\":\"b\""),
                )
            wrong.filter { raw.parse(it).hasNext() } shouldBe emptyList()
        }
    })

private fun etl(vararg args: String): JobResult = runJob { out, err ->
    DailyEtl.run(Local.spark, out, err, *args)
}

private fun event(id: String, ts: String, amount: String = ""): String =
    """{"id":"$id","ts":"$ts","user":"u","type":"view",$amount"country":"DE"}""" + "\n"

/** Every row as text, with the moment in UTC, in the order of day and id. */
private fun rows(key: String): List<String> =
    Local.spark
        .read()
        .schema(RawEvents.SCHEMA)
        .parquet("s3://$key")
        .selectExpr(
            "concat_ws(',', id, to_utc_timestamp(ts, 'Asia/Tokyo'), user, type, coalesce(amount, 'null'), country, day) row",
            "day",
            "id",
        )
        .orderBy("day", "id")
        .select("row")
        .`as`(Encoders.STRING())
        .collectAsList()
