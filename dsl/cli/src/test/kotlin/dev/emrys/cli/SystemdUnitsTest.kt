package dev.emrys.cli

import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.test.Enabled
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.nio.file.Path
import kotlin.io.path.createFile
import kotlin.io.path.readText

private fun present(program: String): Enabled =
    if (EmrysProgram.succeeds(program, "--version")) Enabled.enabled
    else Enabled.disabled("$program is not installed here")

/** The units that `emrys schedule install --as systemd` writes. */
class SystemdUnitsTest :
    FunSpec({
        val folder = tempdir().toPath().toRealPath()
        val launcher = folder.resolve("my 100% \$emrys").createFile().mode("rwxr-xr-x")
        val call =
            InstalledCall(
                Path.of("/a b%n/ä.emr.kts"),
                mapOf("EMRYS_CACHE" to "/c\\d \"e\""),
                listOf("$launcher", "schedule", "tick", "--until-idle", "/a b%n/\$x/ä.emr.kts"),
            )

        test("names are those of systemd-escape").config(
            enabledOrReasonIf = { present("systemd-escape") }
        ) {
            for (path in listOf("/pipes", "/.a/b c-d_e:f.emr.kts", "/ä%n/\\", "/")) {
                val escape = ProcessBuilder("systemd-escape", "--path", path).start()
                SystemdUnits.escaped(Path.of(path)) shouldBe
                    String(escape.inputStream.readAllBytes()).trim()
            }
        }

        test("the name of a long path has a hash, and differs from that of another one") {
            val long = "/" + "a".repeat(250)
            val names = listOf("$long/x", "$long/y").map { SystemdUnits(Path.of(it)).timer }
            names.distinct().size shouldBe 2
            names.all { it.length < 255 } shouldBe true
        }

        test("the units are written, found and removed") {
            val units = SystemdUnits(call.served)
            val target = folder.resolve("new/units")
            units.isIn(target) shouldBe false
            units.write(target, call, 1)
            units.isIn(target) shouldBe true
            target.resolve(units.service).readText().let {
                it shouldContain
                    "ExecStart=\"/usr/bin/env\" \"EMRYS_CACHE=/c\\\\d \\\"e\\\"\" \"$folder/my 100%% \$\$emrys\""
                it shouldContain "\"/a b%%n/\$\$x/ä.emr.kts\"\n"
                it shouldContain "Description=Emrys: the schedules of /a b%%n/ä.emr.kts\n"
            }
            target.resolve(units.timer).readText() shouldContain "OnCalendar=minutely\n"
            units.remove(target)
            units.isIn(target) shouldBe false
        }

        test("systemd accepts the units").config(
            enabledOrReasonIf = { present("systemd-analyze") }
        ) {
            for (period in listOf(1, 7)) {
                val units = SystemdUnits(call.served)
                units.write(folder, call, period)
                val files = listOf(units.service, units.timer).map { "${folder.resolve(it)}" }
                val verify =
                    ProcessBuilder(listOf("systemd-analyze", "verify") + files)
                        .redirectErrorStream(true)
                        .start()
                val printed = String(verify.inputStream.readAllBytes())
                withClue(printed) {
                    verify.waitFor() shouldBe 0
                    // Errors of the machine's own units are printed too.
                    printed.lines().filter { "emrys" in it } shouldBe emptyList()
                }
            }
        }
    })
