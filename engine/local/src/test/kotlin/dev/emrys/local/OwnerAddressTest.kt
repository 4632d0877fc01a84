package dev.emrys.local

import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.optional.shouldBeEmpty
import io.kotest.matchers.optional.shouldBePresent
import io.kotest.matchers.shouldBe
import kotlin.io.path.readText
import kotlin.io.path.writeText

private val ADDRESS = OwnerAddress(40_217, "EMRYS0A1B", "c0ffee", 4_711)

class OwnerAddressTest :
    FunSpec({
        val folder = tempdir().toPath()

        test("an address is read as it was written, and its form is that of every version") {
            val file = folder.resolve("owner.json")
            ADDRESS.write(file)
            OwnerAddress.read(file).shouldBePresent { it shouldBe ADDRESS }
            file.readText() shouldBe
                """{"port":40217,"token":"EMRYS0A1B","proof":"c0ffee","pid":4711}"""
        }

        test("members of a later version are passed over, whatever their form") {
            val file = folder.resolve("later.json")
            file.writeText(
                """{ "tls": {"port": 1, "pid": [2]}, "port": 40217, "token": "EMRYS0A1B",
                   "proof": "c0ffee", "pid": 4711, "since": null }"""
            )
            OwnerAddress.read(file).shouldBePresent { it shouldBe ADDRESS }
        }

        for ((name, text) in
            listOf(
                "empty" to "",
                "cut" to """{"port":40217,"token":"EMRYS0A1B","pro""",
                "without a port" to """{"token":"a","proof":"b","pid":1}""",
                "a list" to """[{"port":1,"token":"a","proof":"b","pid":1}]""",
                "a port that is none" to """{"port":true,"token":"a","proof":"b","pid":1}""",
            )) {
            test("a damaged file is no address: $name") {
                val file = folder.resolve("damaged.json")
                file.writeText(text)
                OwnerAddress.read(file).shouldBeEmpty()
            }
        }

        test("a file that is missing is no address") {
            OwnerAddress.read(folder.resolve("missing.json")).shouldBeEmpty()
        }
    })
