package dev.emrys.cli

import io.kotest.core.spec.style.FunSpec
import io.kotest.core.test.Enabled
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldEndWith
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.createDirectories
import kotlin.io.path.createFile
import kotlin.io.path.createSymbolicLinkPointingTo
import kotlin.io.path.exists
import kotlin.io.path.readText
import kotlin.io.path.writeText

private val JDKS = Path.of("/usr/lib/jvm")

private fun hidesJdks(): Enabled =
    when {
        !EmrysProgram.succeeds("unshare", "-m", "mount", "-t", "tmpfs", "none", "/mnt") ->
            Enabled.disabled("no mount namespace is possible here")
        !JDKS.exists() || System.getenv("PATH").split(':').any(::hasJava) ->
            Enabled.disabled("there is a java that is not in $JDKS")
        else -> Enabled.enabled
    }

private fun hasJava(folder: String) =
    Path.of(folder, "java").let { it.exists() && !it.toRealPath().startsWith(JDKS) }

/** The launcher as cron and systemd start it: with few variables or none, and in another folder. */
class BareEnvironmentTest :
    FunSpec({
        val program = autoClose(EmrysProgram())
        val home = program.folder.resolve("an installation").createDirectories()

        /** A JDK for the launcher, whose java prints what it is given. */
        fun jdk(name: String): Path {
            val jdk = program.folder.resolve(name)
            val java = jdk.resolve("bin").createDirectories().resolve("java")
            java.writeText("#!/bin/sh\nenv\nprintf '%s\\n' \"$@\"\n")
            java.mode("rwxr-xr-x")
            jdk.resolve("release").writeText("JAVA_VERSION=\"17.0.1\"\n")
            return jdk
        }

        /** Runs a command in the root folder without any variable. */
        fun bare(vararg command: String): ProcessResult {
            val out = program.folder.resolve("out")
            val err = program.folder.resolve("err")
            val process =
                ProcessBuilder(listOf("env", "-i") + command)
                    .directory(Path.of("/").toFile())
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile())
                    .start()
            return ProcessResult(process.waitFor(), out.readText(), err.readText())
        }

        beforeSpec {
            Files.copy(Path.of("../../emrys"), home.resolve("emrys"))
            val jobs = home.resolve("pipelines/jobs/target").createDirectories()
            jobs.resolve("emrys-jobs.jar").createFile()
            val build = home.resolve(".build/1").createDirectories()
            build.resolve("lib").createDirectories().resolve("emrys-1.jar").createFile()
            build.resolve("built").createFile()
            home.resolve(".build/current").createSymbolicLinkPointingTo(build)
        }

        test("it gives the program a PATH, a locale and its own path, also through a link") {
            val link =
                program.folder.resolve("link").createSymbolicLinkPointingTo(home.resolve("emrys"))
            val lines =
                bare("EMRYS_JAVA_HOME=${jdk("jdk")}", "$link", "version")
                    .exits(ExitCode.SUCCEEDED)
                    .out
                    .lines()
            lines shouldContain "LC_ALL=C.UTF-8"
            lines shouldContain "-Demrys.launcher=$home/emrys"
            lines.single { it.startsWith("PATH=") }.split(':', '=') shouldContain "/usr/bin"
        }

        test("it finds a JDK that only the home folder has, or says that there is none").config(
            enabledOrReasonIf = { hidesJdks() }
        ) {
            val hidden = "mount -t tmpfs none $JDKS && exec \"$0\" version"
            bare("PATH=/usr/bin:/bin", "unshare", "-m", "sh", "-c", hidden, "$home/emrys")
                .exits(ExitCode.EXTERNAL_FAILURE)
                .err shouldBe
                "Emrys needs a JDK 17 or later, and none was found.\n" +
                    "    Install one, or name its folder in JAVA_HOME.\n"
            val candidates = program.home.resolve(".sdkman/candidates/java").createDirectories()
            candidates.resolve("current").createSymbolicLinkPointingTo(jdk("sdk"))
            bare("HOME=${program.home}", "unshare", "-m", "sh", "-c", hidden, "$home/emrys")
                .exits(ExitCode.SUCCEEDED)
                .out shouldEndWith "version\n"
        }

        test("a fire is run without a PATH, a HOME and a locale") {
            val ledger = program.folder.resolve("ledger")
            val body = step(ledger, "command -v ls >> $ledger")
            val file = program.script("bäre", every(3600, "bare", body))
            val state = program.folder.resolve("state")
            val launcher = InstalledProgram.launcher(program.folder.resolve("scratch")).file
            fun emrys(vararg words: String) =
                bare(
                        "EMRYS_JAVA_HOME=${System.getProperty("java.home")}",
                        "EMRYS_CACHE=${EmrysProgram.CACHE}",
                        "$launcher",
                        "schedule",
                        *words,
                        "--state",
                        "$state",
                    )
                    .exits(ExitCode.SUCCEEDED)
            emrys("tick", "$file")
            emrys("trigger", "bare")
            emrys("tick", "$file").err shouldContain " succeeded"
            ledger.lines()[1] shouldEndWith "/ls"
        }
    })
