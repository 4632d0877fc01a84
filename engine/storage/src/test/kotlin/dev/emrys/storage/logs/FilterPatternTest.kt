package dev.emrys.storage.logs

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain

class FilterPatternTest :
    FunSpec({
        test("terms, phrases, exclusions and alternatives") {
            val cases =
                listOf(
                    Triple("", "anything", true),
                    Triple("  ", "anything", true),
                    Triple("\"\"", "anything", true),
                    Triple("ERROR", "an ERROR", true),
                    Triple("ERROR", "an error", false),
                    Triple("ERROR disk", "disk ERROR", true),
                    Triple("ERROR disk", "ERROR", false),
                    Triple("\"ERROR disk\"", "disk ERROR", false),
                    Triple("\"ERROR disk\"", "an ERROR disk", true),
                    Triple("ERROR -disk", "ERROR disk", false),
                    Triple("ERROR -disk", "ERROR net", true),
                    Triple("-\"a b\"", "a b", false),
                    Triple("-\"a b\"", "a  b", true),
                    Triple("?ERROR ?WARN", "WARN", true),
                    Triple("?ERROR ?\"W A\"", "x W A", true),
                    Triple("?ERROR ?WARN", "INFO", false),
                    Triple("\"a\\\"b\"", "x a\"b", true),
                    Triple("größer", "es ist größer", true),
                )
            for ((pattern, message, matches) in cases) {
                withClue("$pattern on $message") {
                    FilterPattern.of(pattern).test(message) shouldBe matches
                }
            }
        }

        test("what the emulator does not know is refused") {
            fun refused(pattern: String) =
                shouldThrow<LogsException> { FilterPattern.of(pattern) }
                    .also { it.type() shouldBe "InvalidParameterException" }
                    .text()
            refused("{ $.level = \"ERROR\" }") shouldContain "no patterns for JSON"
            refused("[ip, user]") shouldContain "no patterns for JSON or for fields"
            refused("%ERR.*%") shouldContain "no regular expressions"
            refused("a.b") shouldBe "Invalid character(s) in term 'a.b'"
            refused("\"open") shouldContain "has no end"
            refused("?a b") shouldContain "cannot be combined"
            refused("x".repeat(1025)) shouldContain "1024"
        }
    })
