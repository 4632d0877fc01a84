package dev.emrys.jobs

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import java.nio.file.Path
import kotlin.io.path.readText
import kotlin.io.path.writeText

class DailyEventsTest :
    FunSpec({
        test("the example's raw events are what the generator makes") {
            val file = Path.of("../data/events/2026-04-25/part-0.json")
            val made = DailyEvents.lines().joinToString("") { "$it\n" }
            if (System.getProperty("make.events") == "true") file.writeText(made)
            file.readText() shouldBe made
            DailyEvents.lines().size shouldBe 300
        }
    })
