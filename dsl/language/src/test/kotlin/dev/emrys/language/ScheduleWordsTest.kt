package dev.emrys.language

import dev.emrys.schedule.AfterSuccess
import dev.emrys.schedule.Arrival
import dev.emrys.schedule.CatchUpPolicy
import dev.emrys.schedule.CronExpression
import dev.emrys.schedule.Fires
import dev.emrys.schedule.Interval
import dev.emrys.schedule.Schedule
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeInstanceOf
import java.time.Duration
import java.time.Instant
import java.time.LocalDate
import java.time.ZonedDateTime
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds

class ScheduleWordsTest :
    FunSpec({
        fun schedules(block: PipelineScope.() -> Unit): Map<String, Schedule> {
            val evaluated = evaluate { pipeline("daily etl") { block() } }
            evaluated.diagnostics.shouldBeEmpty()
            return evaluated.schedules.associate { it.name to it.schedule }
        }

        fun told(block: PipelineScope.() -> Unit) = evaluate {
            pipeline("daily") { block() }
        }
            .told()

        fun Schedule.next(after: String): String =
            Fires.of(this).next(Instant.parse(after)).get().instant().toString()

        test(
            "a schedule is in UTC, without limits, and its id has the names of pipeline and schedule"
        ) {
            val main = schedules { schedule("30 2 * * *") }.getValue("main")
            main.id() shouldBe "daily etl/main"
            main.timing().shouldBeInstanceOf<CronExpression>().text() shouldBe "30 2 * * *"
            main.zone().id() shouldBe "UTC"
            listOf(main.gap(), main.repeat(), main.start(), main.end()) shouldBe
                listOf(null, null, null, null)
            main.jitter() shouldBe Duration.ZERO
            main.next("2026-04-25T00:00:00Z") shouldBe "2026-04-25T02:30:00Z"
        }

        fun declared(block: ScheduleScope.() -> Unit): DeclaredSchedule {
            val evaluated = evaluate { pipeline("daily") { schedule("0 3 * * *", block = block) } }
            evaluated.diagnostics.shouldBeEmpty()
            return evaluated.schedules.single()
        }

        test("what happens to missed and overlapping fires is the default, or what is said") {
            val default = declared {}
            default.catchUp shouldBe CatchUpPolicy.DEFAULT
            default.overlap shouldBe dev.emrys.schedule.Overlap.Skip()
            default.pauseAfterFailures shouldBe 0
            val said = declared {
                catchUp = CatchUp.All(7)
                catchUpWindow = 90.minutes
                overlap = Overlap.BufferAll(3)
                pauseAfterFailures(5)
            }
            said.catchUp shouldBe
                CatchUpPolicy(
                    dev.emrys.schedule.CatchUp.All(7),
                    Duration.ofMinutes(90),
                    CatchUpPolicy.DEFAULT.tolerance(),
                )
            said.overlap shouldBe dev.emrys.schedule.Overlap.BufferAll(3)
            said.pauseAfterFailures shouldBe 5
        }

        test("each word for missed and overlapping fires has its policy") {
            listOf(
                    CatchUp.None to dev.emrys.schedule.CatchUp.None(),
                    CatchUp.Last to dev.emrys.schedule.CatchUp.Last(),
                )
                .forEach { (word, policy) ->
                    declared { catchUp = word }.catchUp.mode() shouldBe policy
                }
            listOf(
                    Overlap.Skip to dev.emrys.schedule.Overlap.Skip(),
                    Overlap.BufferOne to dev.emrys.schedule.Overlap.BufferOne(),
                    Overlap.CancelOther to dev.emrys.schedule.Overlap.CancelOther(),
                    Overlap.TerminateOther to dev.emrys.schedule.Overlap.TerminateOther(),
                    Overlap.Allow to dev.emrys.schedule.Overlap.Allow(),
                )
                .forEach { (word, policy) -> declared { overlap = word }.overlap shouldBe policy }
        }

        test("impossible numbers of runs are refused") {
            told { schedule("0 3 * * *") { pauseAfterFailures(0) } } shouldContainExactly
                listOf(
                    "pauseAfterFailures of the schedule \"main\" is \"0\". | Write how many runs have to fail, at least 1."
                )
            told { schedule("0 3 * * *") { catchUp = CatchUp.All(0) } }.single() shouldContain
                "The maximum 0 is not between 1 and 10000."
            told { schedule("0 3 * * *") { overlap = Overlap.BufferAll(10_001) } }
                .single() shouldContain "The maximum 10001 is not between 1 and 10000."
            told { schedule("0 3 * * *") { catchUpWindow = (-1).minutes } }.single() shouldContain
                "catchUpWindow of the schedule"
        }

        test("every word changes the fires") {
            val found = schedules {
                schedule("30 2 * * *", "shifted") { zone = "Europe/Berlin" }
                schedule("30 2 * * *", "skipped") {
                    zone = "Europe/Berlin"
                    gap = Gap.Skip
                    repeat = Repeat.Last
                }
                schedule("CRON_TZ=Asia/Tokyo 0 3 * * *", "tokyo") { jitter = 5.minutes }
                schedule("0 3 * * *", "limited") {
                    zone = "Europe/Berlin"
                    start = "2026-01-02"
                    end = "2026-12-31T12:00"
                    exclude("2026-01-02", "2026-01-04..2026-01-05", "01-07", "Thursday")
                }
                schedule(every(90.minutes), "interval")
            }
            val gap = "2027-03-27T12:00:00Z"
            found.getValue("shifted").next(gap) shouldBe "2027-03-28T01:30:00Z"
            found.getValue("skipped").next(gap) shouldBe "2027-03-29T00:30:00Z"
            val repeated = "2026-10-24T12:00:00Z"
            found.getValue("shifted").next(repeated) shouldBe "2026-10-25T00:30:00Z"
            found.getValue("skipped").next(repeated) shouldBe "2026-10-25T01:30:00Z"
            found.getValue("tokyo").next("2026-01-01T00:00:00Z") shouldBe "2026-01-01T18:00:00Z"
            found.getValue("tokyo").jitter() shouldBe Duration.ofMinutes(5)
            val limited = found.getValue("limited")
            limited.next("2025-06-01T00:00:00Z") shouldBe "2026-01-03T02:00:00Z"
            limited.next("2026-01-03T02:00:00Z") shouldBe "2026-01-06T02:00:00Z"
            limited.next("2026-01-06T02:00:00Z") shouldBe "2026-01-09T02:00:00Z"
            limited.end() shouldBe Instant.parse("2026-12-31T11:00:00Z")
            found.getValue("interval").timing() shouldBe Interval.every(Duration.ofMinutes(90))
        }

        test("each mistake is told at its line, with what to write") {
            told { schedule("30 25 * * *") }.single() shouldBe
                "The hour 25 is out of range: \"30 25 * * *\", characters 4 to 5. | Write 0-23."
            told { schedule("0 3 * * *") { zone = "Europe/Berln" } }.single() shouldBe
                "The zone of the schedule \"main\" is \"Europe/Berln\", which is not known. Did you mean \"Europe/Berlin\"? | " +
                    "Write a name of the IANA database, such as Europe/Berlin, or UTC."
            told { schedule("0 3 * * *") { start = "tomorrow" } }.single() shouldBe
                "start of the schedule \"main\" is \"tomorrow\". | Write a local date or time, such as 2026-01-01 or 2026-01-01T06:00."
            told { schedule("0 3 * * *") { exclude("2026-13-01") } }.single() shouldBe
                "exclude of the schedule \"main\" is \"2026-13-01\". | Write a date (2026-12-25), a range" +
                    " (2026-12-24..2027-01-01), a day of the year (12-25) or a day of the week (saturday)."
            told {
                schedule("0 3 * * *")
                schedule("0 4 * * *")
            }
                .single() shouldBe
                "There are two schedules named \"main\". | The name of a schedule tells its fires from those of the others." +
                    " Give one of them another name: schedule(\"…\", name = \"…\")."
            told { schedule("CRON_TZ=Asia/Tokyo 0 3 * * *") { zone = "Europe/Berlin" } }
                .single() shouldBe
                "The schedule \"main\" cannot be used: The expression says CRON_TZ=Asia/Tokyo, the schedule's zone is" +
                    " Europe/Berlin. | Correct it, or remove what restricts it."
            told { schedule(every(0.seconds)) }.single() shouldBe
                "The schedule \"main\" cannot be used: The interval PT0S is not a whole number of seconds from 1 second to" +
                    " 36,500 days. | Correct it, or remove what restricts it."
            told { schedule("0 3 * * *") { exclude("2026-12-31..2026-12-01") } }.single() shouldBe
                "The schedule \"main\" cannot be used: The range of dates ends before it starts: 2026-12-31 to 2026-12-01 | " +
                    "Correct it, or remove what restricts it."
        }

        test("a schedule waits for a run, for files or for objects, and loses nothing by default") {
            val evaluated = evaluate {
                pipeline("report") {
                    schedule(afterSuccess("ingest"))
                    schedule(fileArrival("in/*.csv"), "files") {
                        settle = 1.minutes
                        pollEvery = 30.seconds
                        zone = "Europe/Berlin"
                        start = "2026-01-01"
                        exclude("saturday")
                    }
                    schedule(fileArrival("/data/../in/"), "folder") {
                        catchUp = CatchUp.None
                        overlap = Overlap.Skip
                    }
                    schedule(objectArrival("s3a://bucket/in"), "objects")
                    schedule(objectArrival("s3://bucket"), "bucket")
                }
            }
            evaluated.diagnostics.shouldBeEmpty()
            val found = evaluated.schedules.associateBy { it.name }
            fun timing(name: String) = found.getValue(name).schedule.timing()
            timing("main") shouldBe AfterSuccess("ingest")
            (timing("files") as Arrival).let {
                it.kind() shouldBe Arrival.Kind.FILE
                it.location() shouldBe "/home/me/räw data/in/*.csv"
                it.settle() shouldBe Duration.ofMinutes(1)
                it.pollEvery() shouldBe Duration.ofSeconds(30)
            }
            timing("folder") shouldBe Arrival.of(Arrival.Kind.FILE, "/in/")
            timing("objects") shouldBe Arrival.of(Arrival.Kind.OBJECT, "s3://bucket/in")
            timing("bucket") shouldBe Arrival.of(Arrival.Kind.OBJECT, "s3://bucket/")
            val main = found.getValue("main")
            main.catchUp.mode() shouldBe dev.emrys.schedule.CatchUp.All(10_000)
            main.catchUp.window() shouldBe Duration.ofDays(36_500)
            main.overlap shouldBe dev.emrys.schedule.Overlap.BufferAll(10_000)
            val folder = found.getValue("folder")
            folder.catchUp.mode() shouldBe dev.emrys.schedule.CatchUp.None()
            folder.overlap shouldBe dev.emrys.schedule.Overlap.Skip()
            val schedule = found.getValue("files").schedule
            Fires.of(schedule).next(Instant.EPOCH).isPresent shouldBe false
            listOf("2025-12-31T22:59:59Z", "2026-01-02T22:59:59Z", "2026-01-02T23:00:00Z").map {
                "${schedule.omitted(Instant.parse(it)).orElse(null)}"
            } shouldContainExactly listOf("BEFORE_START", "null", "EXCLUDED")
        }

        test("words that have no meaning for what a schedule waits for are refused") {
            told { schedule(afterSuccess("daily")) } shouldContainExactly
                listOf(
                    "The schedule \"main\" waits for the success of its own pipeline, \"daily\". | Each run would start the" +
                        " next one, without an end. Name another pipeline, or write schedule(every(…))."
                )
            told {
                schedule(afterSuccess("ingest")) {
                    jitter = 1.minutes
                    gap = Gap.Skip
                    repeat = Repeat.Both
                    settle = 1.minutes
                }
            }
                .map { it.substringBefore(" has") } shouldContainExactly
                listOf("gap", "repeat", "jitter", "settle")
            told { schedule("0 3 * * *") { pollEvery = 1.minutes } } shouldContainExactly
                listOf(
                    "pollEvery has no meaning for the schedule \"main\", which fires at times. | Remove it."
                )
            told { schedule(fileArrival("/in/[a")) }.single() shouldContain "/in/[a"
            told { schedule(fileArrival(" ")) }.single() shouldContain "fileArrival"
            told { schedule(objectArrival("bucket/in")) }.single() shouldContain "bucket/in"
            told { schedule(objectArrival("s3://bucket/../in/")) }.single() shouldContain
                "is no location on S3"
            told { schedule(afterSuccess("")) }.single() shouldContain
                "the name of another pipeline"
            told { schedule(fileArrival("/in/a")) { settle = (-1).seconds } }.single() shouldContain
                "is not between 0 and 1 day"
            told { schedule(fileArrival("/in/a")) { pollEvery = 0.seconds } }.single() shouldContain
                "is not between 1 second and 1 day"
        }

        test("params know what has caused a triggered run") {
            val noon = ZonedDateTime.parse("2026-04-25T12:00:00Z")
            var values = emptyList<Any>()
            fun PipelineScope.declare() {
                values =
                    listOf(
                        param("files") { default { arrived.joinToString(" ") } },
                        param("run") { default { triggeringRun ?: "none" } },
                    )
            }
            evaluate(moment = RunMoment(noon, noon, listOf("/in/a", "/in/b"), "ingest-1")) {
                pipeline("p") { declare() }
            }
            values shouldContainExactly listOf("/in/a /in/b", "ingest-1")
            evaluate { pipeline("p") { declare() } }
            values shouldContainExactly listOf("", "none")
        }

        test("params know the moment of the fire and the time whose data it processes") {
            val berlin = ZonedDateTime.parse("2026-04-25T03:00:00+02:00[Europe/Berlin]")
            var values = emptyList<Any>()
            fun PipelineScope.declare() {
                values =
                    listOf(
                        dateParam("day") { default { logicalDate } },
                        param("at") { default { logicalTime.toString() } },
                        param("from") { default { dataInterval.start.toString() } },
                        param("to") { default { dataInterval.end.toString() } },
                    )
            }
            evaluate(moment = RunMoment(berlin, berlin.minusDays(1))) {
                pipeline("p") { declare() }
            }
            values shouldContainExactly
                listOf(
                    LocalDate.of(2026, 4, 25),
                    "2026-04-25T03:00+02:00[Europe/Berlin]",
                    "2026-04-24T03:00+02:00[Europe/Berlin]",
                    "2026-04-25T03:00+02:00[Europe/Berlin]",
                )
            // A person starts it: yesterday.
            evaluate { pipeline("p") { declare() } }
            values.drop(1) shouldContainExactly
                listOf("2026-04-25T00:00Z[UTC]", "2026-04-24T00:00Z[UTC]", "2026-04-25T00:00Z[UTC]")
        }
    })
