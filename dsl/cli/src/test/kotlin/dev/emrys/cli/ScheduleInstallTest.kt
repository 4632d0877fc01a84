package dev.emrys.cli

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.StandardCopyOption
import java.nio.file.attribute.PosixFilePermissions
import kotlin.io.path.createDirectories
import kotlin.io.path.createFile
import kotlin.io.path.exists
import kotlin.io.path.readText
import kotlin.io.path.writeText

/** What `schedule install` writes, with a `crontab` whose file the test has. */
class ScheduleInstallTest :
    FunSpec({
        val program = autoClose(EmrysProgram())
        val pipes = program.folder.resolve("pipes").createDirectories()
        val crontab = program.folder.resolve("crontab-file")
        val state = program.folder.resolve("state")
        val launcher = program.folder.resolve("emrys").createFile().mode("rwxr-xr-x")
        val bin = program.folder.resolve("bin").createDirectories()

        fun fakeCrontab(body: String) {
            bin.resolve("crontab").also { it.writeText("#!/bin/sh\n$body\n") }.mode("rwxr-xr-x")
        }

        fun options(vararg more: Pair<String, String>) =
            LaunchOptions(
                mapOf(
                    "EMRYS_STATE" to "$state",
                    "PATH" to "$bin:${System.getenv("PATH")}",
                    "JAVA_HOME" to "/opt/my jdk",
                ) + more,
                jvm = listOf("-Demrys.launcher=$launcher"),
            )

        fun script(name: String, text: String): Path {
            program.script(name, text)
            val file = pipes.resolve("$name.emr.kts")
            return Files.move(
                program.folder.resolve("$name.emr.kts"),
                file,
                StandardCopyOption.REPLACE_EXISTING,
            )
        }

        fun run(vararg words: String, options: LaunchOptions = options()) =
            program.run("schedule", *words, options = options)

        fun crontab(vararg words: String, options: LaunchOptions = options()) =
            run(*words, "--as", "crontab", options = options)

        beforeSpec { script("daily", every(3600, "daily", "wait(\"one\", 1.seconds)")) }

        beforeTest {
            fakeCrontab(
                """
                case ${'$'}1 in
                  -l) cat $crontab 2>/dev/null || { echo "no crontab for me" >&2; exit 1; } ;;
                  -r) rm $crontab ;;
                  -) cat > $crontab ;;
                esac
                """
                    .trimIndent()
            )
            Files.deleteIfExists(crontab)
        }

        test("an installation names all that cron does not know, and serves from now on") {
            crontab.writeText("# mine\n1 2 3 4 5 six\n")
            crontab("install", "pipes", "--dry-run").exits(ExitCode.SUCCEEDED).out shouldContain
                "schedule tick --state $state $pipes >> "
            state.exists() shouldBe false
            crontab("install", "pipes")
                .exits(ExitCode.SUCCEEDED)
                .printsOnStderr("Installed 1 schedule of $pipes.", "$state/schedule.log")
            val lines = crontab.readText().lines()
            lines[0] shouldBe "# emrys schedule begin: $pipes"
            lines[1] shouldBe "# daily/main: 0 0 * 1 * (UTC)"
            lines[2] shouldBe
                "* * * * * EMRYS_CACHE=${EmrysProgram.CACHE} EMRYS_JAVA_HOME=${System.getProperty("java.home")}" +
                    " JAVA_HOME='/opt/my jdk' $launcher schedule tick --state $state $pipes" +
                    " >> $state/schedule.log 2>&1"
            lines.drop(4) shouldBe listOf("# mine", "1 2 3 4 5 six", "")
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(state.resolve("schedule.log"))
            ) shouldBe "rw-------"
            val listed = run("list", "--output", "json").json().path("schedules")
            listed.single().path("id").asText() shouldBe "daily/main"
            crontab("install", "pipes", "--every-minutes", "5") exits ExitCode.SUCCEEDED
            val again = crontab.readText().lines()
            again shouldHaveSize lines.size
            again[2] shouldContain "*/5 * * * * "
            again[2] shouldContain " --every-minutes 5 $pipes"
            crontab("uninstall", "pipes") exits ExitCode.SUCCEEDED
            crontab.readText() shouldBe "# mine\n1 2 3 4 5 six\n"
        }

        test("a crontab that has only installations is removed with the last one") {
            crontab("install", "pipes/daily.emr.kts", "pipes") exits ExitCode.SUCCEEDED
            crontab("uninstall", "pipes") exits ExitCode.SUCCEEDED
            crontab.readText().lines() shouldContain "# emrys schedule begin: $pipes/daily.emr.kts"
            crontab("uninstall", "pipes")
                .exits(ExitCode.USER_ERROR)
                .printsOnStderr("error E576", "What is installed: $pipes/daily.emr.kts.")
            crontab("uninstall", "pipes/daily.emr.kts") exits ExitCode.SUCCEEDED
            crontab.exists() shouldBe false
        }

        test("a crontab that cannot be read or written is an error, and is not replaced") {
            fakeCrontab("[ \$1 = -l ] || echo replaced > $crontab; echo 'no right' >&2; exit 1")
            crontab("install", "pipes")
                .exits(ExitCode.USER_ERROR)
                .printsOnStderr("error E574: The crontab cannot be read: no right.")
            crontab.exists() shouldBe false
            fakeCrontab("[ \$1 = -l ] && exit 0; echo 'too long' >&2; exit 1")
            crontab("install", "pipes")
                .exits(ExitCode.USER_ERROR)
                .printsOnStderr("error E574: The crontab cannot be written: too long.")
            Files.delete(bin.resolve("crontab"))
            crontab("install", "pipes", options = options("PATH" to "$bin"))
                .exits(ExitCode.USER_ERROR)
                .printsOnStderr("error E574: The crontab cannot be read: ")
        }

        test("an installation without its end is an error") {
            crontab.writeText("# emrys schedule begin: $pipes\n* * * * * mine\n")
            crontab("install", "pipes").exits(ExitCode.USER_ERROR).printsOnStderr("error E575")
            crontab.readText() shouldContain "* * * * * mine\n"
        }

        test("units are written, and removed") {
            val units = program.folder.resolve("units")
            val words = arrayOf("--as", "systemd", "--units", "units")
            run("install", "pipes", *words, "--dry-run").exits(ExitCode.SUCCEEDED).out shouldContain
                "OnCalendar=minutely"
            units.exists() shouldBe false
            run("install", "pipes", *words)
                .exits(ExitCode.SUCCEEDED)
                .printsOnStderr(
                    "systemctl daemon-reload && systemctl enable --now 'emrys-schedule-"
                )
            val names = SystemdUnits(pipes)
            units.resolve(names.service).readText() shouldContain "\"--until-idle\" \"$pipes\"\n"
            units.resolve(names.timer).exists() shouldBe true
            run("uninstall", "pipes", *words) exits ExitCode.SUCCEEDED
            units.toFile().list().orEmpty().toList() shouldHaveSize 0
            run("uninstall", "pipes", *words)
                .exits(ExitCode.USER_ERROR)
                .printsOnStderr("error E576", "Looked for ${names.timer} in $units.")
            run("install", "pipes", "--as", "systemd", "--units", "emrys")
                .exits(ExitCode.USER_ERROR)
                .printsOnStderr("error E579")
        }

        test("what another scheduler could not call is refused before anything is written") {
            fun refused(code: String, vararg words: String, options: LaunchOptions = options()) {
                crontab(*words, options = options)
                    .exits(ExitCode.USER_ERROR)
                    .printsOnStderr("error $code")
                    .out shouldNotContain "tick"
                crontab.exists() shouldBe false
            }
            val noLauncher = LaunchOptions(options().environment)
            refused("E571", "install", "pipes", options = noLauncher)
            val missing =
                LaunchOptions(options().environment, listOf("-Demrys.launcher=$launcher-2"))
            refused("E571", "install", "pipes", options = missing)
            refused("E572", "install", "bin")
            refused("E573", "install", "pipes", "--state", "a\nb")
            refused("E577", "install", "pipes", "--journal", "postgresql://me:secret@h/db")
            refused(
                "E577",
                "install",
                "pipes",
                "--journal",
                "postgresql://h/db?ssl=true&password=x",
            )
            refused("E578", "install", "pipes", "--every-minutes", "60")
            refused("E557", "install", "nowhere")
            script("broken", "pipeline(\"broken\") { schedule(\"* * *\") }")
            refused("E241", "install", "pipes")
            Files.delete(pipes.resolve("broken.emr.kts"))
        }
    })
