package dev.emrys.notify

import com.fasterxml.jackson.databind.ObjectMapper
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.throwables.shouldThrowAny
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain

private fun json(notice: Notice) = String(NoticeJson.bytes(NoticeJson.of(notice)))

class NoticeTest :
    FunSpec({
        test("a blank id, name or title is refused, and an empty text is not") {
            shouldThrow<IllegalArgumentException> { notice(id = " ") }
            shouldThrow<IllegalArgumentException> { notice(schedule = "") }
            shouldThrow<IllegalArgumentException> { notice(run = "") }
            shouldThrow<IllegalArgumentException> { notice(title = "") }
            notice(text = "").message() shouldBe "daily-etl failed"
        }

        test("a title with a line break or another control character is refused") {
            for (char in listOf('\n', '\r', '\t', '\u0000', '\u0085', '\u2028')) {
                shouldThrow<IllegalArgumentException> { notice(title = "a${char}b") }
                    .message shouldBe "The title of a notice has a control character."
            }
        }

        test("a text has line feeds and tabs, and no other control characters") {
            notice(text = "a\n\tb").text shouldBe "a\n\tb"
            shouldThrow<IllegalArgumentException> { notice(text = "a\r\nb") }
            shouldThrow<IllegalArgumentException> { notice(text = "a\u001b[1mb") }
        }

        test("what is too long is refused with its length") {
            shouldThrow<IllegalArgumentException> { notice(title = "x".repeat(201)) }
                .message shouldBe
                "The title of a notice has 201 characters. At most 200 are allowed."
            shouldThrow<IllegalArgumentException> { notice(text = "x".repeat(16_001)) }
            shouldThrow<IllegalArgumentException> { notice(id = "x".repeat(501)) }
        }

        test("a fitted notice has what the limits allow of texts of others") {
            val notice =
                Notice.fitted(
                    "a",
                    NoticeKind.LATE,
                    "p",
                    null,
                    null,
                    AT,
                    "two\r\nlines " + "x".repeat(300),
                    "a\r\nb\u001b[1m " + "y".repeat(17_000),
                )
            notice.title shouldBe "two lines " + "x".repeat(189) + "…"
            notice.title.length shouldBe Notice.MAX_TITLE
            notice.text.take(7) shouldBe "a\nb [1m"
            notice.text.length shouldBe Notice.MAX_TEXT
        }

        test("a cut does not divide a character") {
            Fitted.line("abc\uD83D\uDE00def", 5) shouldBe "abc…"
            Fitted.line("abc\uD83D\uDE00def", 6) shouldBe "abc\uD83D\uDE00…"
        }

        test("the JSON has every field, and none for what is absent") {
            ObjectMapper().readTree(json(notice())) shouldBe
                ObjectMapper()
                    .readTree(
                        """{"id":"failed/daily-etl-1","kind":"failed","pipeline":"daily-etl",
                        "schedule":"daily","run":"daily-etl-1","at":"2026-04-25T03:00:00Z",
                        "title":"daily-etl failed",
                        "text":"The step curate failed: exit code 1.\nemrys resume daily-etl-1"}"""
                    )
            ObjectMapper()
                .readTree(json(notice(schedule = null, run = null)))
                .fieldNames()
                .asSequence()
                .toList() shouldBe listOf("id", "kind", "pipeline", "at", "title", "text")
        }

        test("the kinds have names that never change") {
            NoticeKind.entries.map { it.json() } shouldBe
                listOf("failed", "late", "recovered", "paused", "broken")
        }

        test("half a character does not keep the JSON from being written") {
            json(notice(text = "a\uD83D")) shouldContain "\"a?\""
        }

        test("what was sent is remembered for each channel, up to the limit") {
            val sent = SentNoticesInMemory(2)
            sent.sent("a", "one", AT)
            sent.isSent("a", "one") shouldBe true
            sent.isSent("a", "two") shouldBe false
            sent.sent("a", "two", AT)
            sent.sent("b", "one", AT)
            sent.isSent("a", "one") shouldBe false
            sent.isSent("b", "one") shouldBe true
            shouldThrowAny { SentNoticesInMemory(0) }
        }
    })
