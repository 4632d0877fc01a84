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
    })
