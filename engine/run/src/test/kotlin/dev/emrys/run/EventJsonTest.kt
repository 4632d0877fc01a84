package dev.emrys.run

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.string.shouldContain
import java.time.Instant

private fun leaves(type: Class<*>): List<Class<*>> =
    type.permittedSubclasses?.flatMap { leaves(it) } ?: listOf(type)

private fun history(name: String): List<String> =
    checkNotNull(EventJsonTest::class.java.getResource("/history/$name")) {
            "history/$name is missing"
        }
        .readText()
        .lines()
        .filter { it.isNotBlank() }

class EventJsonTest :
    FunSpec({
        test("there is a sample of every kind of event") {
            EventSamples.all.map { it.javaClass } shouldContainExactlyInAnyOrder
                leaves(Event::class.java)
        }

        EventSamples.all.forEach { event ->
            test("${event.javaClass.simpleName} is read as it was written") {
                EventJson.read(EventJson.write(event)) shouldBe event
            }
        }

        listOf("events-v1.jsonl", "events-v2.jsonl").forEach { fixture ->
            test("the events of a released version are read: $fixture") {
                history(fixture).map { EventJson.read(it) } shouldBe
                    EventSamples.all +
                        Event.AttemptFailed(
                            Instant.parse("2026-04-25T03:00:00Z"),
                            "curate",
                            1,
                            dev.emrys.spec.FailureKind.REFUSED,
                            "no",
                            null,
                        )
            }
        }

        test("the form of the newest version has not changed: another form is another version") {
            EventSamples.all.map { EventJson.write(it) } shouldBe
                history("events-v${EventJson.VERSION}.jsonl").dropLast(1)
        }

        test("the type of an event is the one in its JSON form") {
            EventSamples.all.forEach {
                EventJson.write(it) shouldContain "\"type\":\"${EventJson.type(it)}\""
            }
        }

        test("an event of a later version is read as far as this version knows it") {
            EventJson.read(
                """{"v":99,"type":"attempt-running","at":"1970-01-01T00:00:00Z","task":"a","attempt":1}"""
            ) shouldBe Event.AttemptRunning(Instant.EPOCH, "a", 1)
        }

        test("each event is written with its own time") {
            val times =
                listOf("2026-04-25T03:00:00Z", "2026-04-25T03:00:00.001Z", "2026-04-25T03:00:00Z")
            times.map { EventJson.write(Event.AttemptRunning(Instant.parse(it), "a", 1)) } shouldBe
                times.map {
                    """{"v":2,"type":"attempt-running","at":"$it","task":"a","attempt":1}"""
                }
        }

        test("every character of a text is read as it was written") {
            val reason =
                (0..0xff).joinToString("") { it.toChar().toString() } + "\u2028\ud83d\ude00"
            val event = Event.AttemptCancelled(Instant.EPOCH, "a", 1, reason)
            EventJson.read(EventJson.write(event)) shouldBe event
        }

        test("an unknown log location is not written") {
            val event =
                Event.AttemptFailed(
                    Instant.EPOCH,
                    "a",
                    1,
                    dev.emrys.spec.FailureKind.STEP,
                    "exit 1",
                    null,
                )
            EventJson.write(event) shouldBe
                """{"v":2,"type":"attempt-failed","at":"1970-01-01T00:00:00Z","task":"a","attempt":1,"failure":"STEP","reason":"exit 1"}"""
            EventJson.read(EventJson.write(event)) shouldBe event
        }

        fun readAll(count: Int, text: String): List<Event>? =
            EventJson.readAll(text.toByteArray(), count).orElse(null)

        test("the root cause of a failure is an addition to the released form") {
            val event =
                Event.AttemptFailed(
                    Instant.EPOCH,
                    "a",
                    1,
                    dev.emrys.spec.FailureKind.STEP,
                    "exit 1",
                    null,
                    dev.emrys.spec.FailureCause.DISK_FULL,
                )
            EventJson.write(event) shouldBe
                """{"v":2,"type":"attempt-failed","at":"1970-01-01T00:00:00Z","task":"a","attempt":1,"failure":"STEP","reason":"exit 1","cause":"DISK_FULL"}"""
            EventJson.read(EventJson.write(event)) shouldBe event
            readAll(1, EventJson.write(event)) shouldBe listOf(event)
        }

        test("a root cause that this version does not know is left out") {
            val event =
                EventJson.read(
                    """{"v":2,"type":"attempt-failed","at":"1970-01-01T00:00:00Z","task":"a","attempt":1,"failure":"STEP","reason":"exit 1","cause":"SUNSPOTS"}"""
                )
            (event as Event.AttemptFailed).cause() shouldBe null
            event.reason() shouldBe "exit 1"
        }

        test("every event of the newest version is read member by member") {
            EventSamples.all.forEach { EventReader.read(EventJson.write(it)) shouldBe it }
        }

        test("events that follow each other are read in one pass") {
            val texts = EventSamples.all.map { EventJson.write(it) }
            readAll(texts.size, texts.joinToString("\n")) shouldBe EventSamples.all
            readAll(texts.size, texts.joinToString("")) shouldBe EventSamples.all
            readAll(0, "") shouldBe listOf()
            val named = Event.TaskSkipped(Instant.EPOCH, "ä→\"\\\n", 0, "b")
            readAll(2, EventJson.write(named).repeat(2)) shouldBe listOf(named, named)
        }

        test("a page with an event of another form, or of another count, is left to the caller") {
            val good = EventJson.write(Event.AttemptRunning(Instant.EPOCH, "a", 1))
            readAll(3, "$good\n$good\n$good") shouldBe List(3) { EventJson.read(good) }
            listOf(
                    good.replace("\"v\":2,", ""),
                    good.replace("\"v\":2", "\"v\":1"),
                    good.replace("\"v\":2", "\"v\":3"),
                    good.replace("\"task\":\"a\",", ""),
                    good.replace("\"attempt\":1", "\"attempt\":-1"),
                    good.replace("attempt-running", "cluster-lost"),
                    good.replace("\"task\"", "\"colour\":\"red\",\"task\""),
                    good.dropLast(1),
                    "$good$good",
                    "",
                )
                .forEach { readAll(3, "$good\n$it\n$good") shouldBe null }
        }

        test("what one event of a page lacks is not taken from the one before") {
            val failed = EventSamples.all.filterIsInstance<Event.AttemptFailed>().first()
            val withoutLog = failed.run {
                Event.AttemptFailed(at, task, attempt, failure, reason, null)
            }
            failed.log() shouldNotBe null
            readAll(2, EventJson.write(failed) + EventJson.write(withoutLog)) shouldBe
                listOf(failed, withoutLog)
            readAll(
                2,
                EventJson.write(failed) + EventJson.write(failed).replace("reason", "task"),
            ) shouldBe null
        }

        test("events with the same time and with different times are read one after the other") {
            val texts =
                listOf("2026-01-31T23:59:58Z", "2026-01-31T23:59:58.25Z", "2026-01-31T23:59:58.5Z")
                    .flatMap { listOf(it, it) }
            val events = texts.map { Event.RunResumed(Instant.parse(it), "a") }
            readAll(events.size, events.joinToString("") { EventJson.write(it) }) shouldBe events
        }

        test("the same event in another form of JSON is read as the same event") {
            EventSamples.all.forEach { event ->
                val text = EventJson.write(event)
                val members = text.substring(text.indexOf(',') + 1, text.length - 1)
                val version = text.substring(0, text.indexOf(',') + 1)
                listOf(
                        "$version $members}",
                        "$version$members }",
                        "$version\n$members\n}",
                        "$version\"later\":{\"a\":[1]},$members}",
                        "$version\"later\":\"text\",$members}",
                        "$version\"log\":null,$members}".takeIf { "\"log\"" !in members },
                        version + members.replace("\"task\":\"c", "\"task\":\"\\u0063") + "}",
                        version +
                            members.substringAfter(',') +
                            "," +
                            members.substringBefore(',') +
                            "}",
                    )
                    .filterNotNull()
                    .forEach { EventJson.read(it) shouldBe event }
            }
        }

        test("what is no event is refused also when it looks like one") {
            val good = EventJson.write(Event.AttemptRunning(Instant.EPOCH, "a", 1))
            EventJson.read(good) shouldBe Event.AttemptRunning(Instant.EPOCH, "a", 1)
            listOf(
                    good.dropLast(1),
                    good.replace("\"task\":", "\"task\""),
                    good.replace("1970-01-01", "1970-02-30"),
                    good.replace("T00", "T99"),
                    good.replace("attempt-running", "attempt-raining"),
                    good.replace("\"attempt\":1", "\"attempt\":x"),
                )
                .forEach { shouldThrow<IllegalArgumentException> { EventJson.read(it) } }
        }

        test("a member of a later version is ignored") {
            EventJson.read(
                """{"type":"attempt-running","at":"1970-01-01T00:00:00Z","task":"a","attempt":1,"colour":{"red":[1]}}"""
            ) shouldBe Event.AttemptRunning(Instant.EPOCH, "a", 1)
        }

        listOf("", "{}", "[]", "{\"type\":\"rained\",\"at\":\"1970-01-01T00:00:00Z\"}", "{\"at\":")
            .forEach { text ->
                test("the text <$text> is not an event") {
                    shouldThrow<IllegalArgumentException> { EventJson.read(text) }
                        .message shouldContain "The text is not an event: "
                }
            }
    })
