package dev.emrys.journal

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import java.time.Instant

class TimestampsTest :
    FunSpec({
        test("each instant has its own text, with nine digits of a second") {
            listOf("2026-04-25T03:00:00Z", "2026-04-25T03:00:00.5Z", "2026-04-25T03:00:00Z").map {
                Timestamps.text(Instant.parse(it))
            } shouldBe
                listOf(
                    "2026-04-25T03:00:00.000000000Z",
                    "2026-04-25T03:00:00.500000000Z",
                    "2026-04-25T03:00:00.000000000Z",
                )
        }

        test("a text that another program has written is read, and not written again") {
            val instant = Instant.parse("2026-04-25T03:00:01.5Z")
            Timestamps.instant("2026-04-25T03:00:01.5Z") shouldBe instant
            Timestamps.text(instant) shouldBe "2026-04-25T03:00:01.500000000Z"
            Timestamps.instant("2026-04-25T03:00:02.000000000Z") shouldBe
                Instant.parse("2026-04-25T03:00:02Z")
        }
    })
