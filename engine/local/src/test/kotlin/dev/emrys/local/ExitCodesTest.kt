package dev.emrys.local

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe

class ExitCodesTest :
    FunSpec({
        listOf(
                1 to "Exit code 1.",
                128 to "Exit code 128.",
                137 to "Exit code 137: killed (SIGKILL).",
                139 to "Exit code 139: segmentation fault (SIGSEGV).",
                143 to "Exit code 143: terminated (SIGTERM).",
                255 to "Exit code 255.",
            )
            .forEach { (code, text) ->
                test("the text of $code is \"$text\"") { ExitCodes.describe(code) shouldBe text }
            }
    })
