package dev.emrys.run

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.time.Instant
import kotlin.random.Random

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

        test("an event of a task is read without the general parser, unless a text has an escape") {
            val from = """{"v":${EventJson.VERSION},""".length
            EventSamples.of("curate", 2).forEach { event ->
                val general = event is Event.ScopeLost || event is Event.AttemptFailed
                EventText.read(EventJson.write(event), from) shouldBe event.takeUnless { general }
            }
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

        test("every instant is read as the library reads it") {
            val random = Random(20260425L)
            repeat(2_000) {
                val nanos =
                    when (it % 4) {
                        0 -> 0
                        1 -> random.nextInt(1_000) * 1_000_000
                        2 -> random.nextInt(1_000_000) * 1_000
                        else -> random.nextInt(1_000_000_000)
                    }
                val seconds = random.nextLong(if (it % 10 == 0) 300_000_000_000 else 4_000_000_000)
                val instant = Instant.ofEpochSecond(seconds, nanos.toLong())
                EventText.instant("$instant") shouldBe instant
            }
            listOf(
                    "2026-12-31T23:59:60Z",
                    "2026-01-01T24:00:00Z",
                    "2026-01-01T00:00:00.5Z",
                    "2024-02-29T00:00:00.000001Z",
                    "-0001-01-01T00:00:00Z",
                )
                .forEach { EventText.instant(it) shouldBe Instant.parse(it) }
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
