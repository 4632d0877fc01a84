package dev.emrys.cli

import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.test.Enabled
import io.kotest.matchers.collections.shouldContainAll
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.TimeUnit
import kotlin.io.path.createDirectories
import kotlin.io.path.exists
import kotlin.io.path.readText
import kotlin.io.path.writeText

/**
 * The cron of Debian, in a mount namespace where it finds no crontab but that of the test. Its
 * package is fetched and unpacked where it is not installed.
 */
private class DebianCron(private val folder: Path) {
    /** Null when it can be used; else why not. */
    val missing: String? =
        when {
            System.getProperty("user.name") != "root" -> "only root can start cron in a namespace"
            !EmrysProgram.succeeds("unshare", "-m", "mount", "-t", "tmpfs", "none", "/mnt") ->
                "no mount namespace is possible here"
            INSTALLED.all { it.exists() } -> null
            !EmrysProgram.succeeds("sh", "-c", fetch()) ->
                "cron is not installed, and apt-get cannot fetch its package"
            else -> null
        }

    private fun fetch() =
        "cd $folder && apt-get download cron && dpkg-deb -x cron_*.deb . && usr/bin/crontab -l;" +
            " test -x usr/sbin/cron"

    private fun program(path: Path): Path =
        if (INSTALLED.all { it.exists() }) path else folder.resolve("$path".removePrefix("/"))

    /** A command that runs a script of the shell beside cron's programs. */
    fun command(script: String): List<String> {
        val namespace =
            """
            set -e
            mount -t tmpfs none /var/spool
            mkdir -p /var/spool/cron/crontabs
            mount -t tmpfs none /run
            [ ! -d /etc/cron.d ] || mount -t tmpfs none /etc/cron.d
            [ ! -e /etc/crontab ] || mount --bind /dev/null /etc/crontab
            export PATH=${program(INSTALLED[1]).parent}:${'$'}PATH
            """
                .trimIndent()
        val cron = "cron() { exec ${program(INSTALLED[0])} -f; }"
        return listOf("unshare", "-m", "bash", "-c", "$namespace\n$cron\n$script")
    }

    private companion object {
        val INSTALLED = listOf(Path.of("/usr/sbin/cron"), Path.of("/usr/bin/crontab"))
    }
}

/** Schedules that a real cron runs. It takes two minutes, in which the machine does nothing. */
class UnixCronTest :
    FunSpec({
        val program = autoClose(EmrysProgram())
        val cron = DebianCron(program.folder.resolve("cron").createDirectories())

        test("cron runs each fire once, although it calls twice, and finds all it needs").config(
            enabledOrReasonIf = {
                if (cron.missing == null) Enabled.enabled else Enabled.disabled(cron.missing)
            }
        ) {
            val scratch = program.folder.resolve("scratch")
            val launcher = InstalledProgram.launcher(scratch)
            val ledger = program.folder.resolve("ledger")
            // Characters that a crontab or a shell could take for something else.
            val pipes = program.folder.resolve("100% it's").createDirectories()
            val text =
                """
                    pipeline("minutely") {
                        schedule("* * * * *")
                        ${step(ledger, "sleep 1")}
                    }
                    """
                    .trimIndent() + "\n"
            program.script("minutely", text)
            Files.move(
                program.folder.resolve("minutely.emr.kts"),
                pipes.resolve("minutely.emr.kts"),
            )
            val before = "MAILTO=\"\"\n# mine, 100%\n"
            val folder = program.folder
            folder.resolve("before").writeText(before)
            val script =
                """
                    crontab $folder/before
                    cd "$pipes"
                    ${launcher.file} schedule install . --as crontab
                    ${launcher.file} schedule install . --as crontab
                    crontab -l > $folder/installed
                    { cat $folder/installed; grep '^\* \* \* \* \* EMRYS' $folder/installed; } | crontab -
                    cron &
                    for second in ${'$'}(seq 150); do
                      [ "${'$'}(cat $ledger 2> /dev/null | wc -l)" -lt 2 ] || break
                      sleep 1
                    done
                    sleep 3
                    kill ${'$'}!
                    ${launcher.file} schedule uninstall . --as crontab
                    crontab -l > $folder/after
                    """
                    .trimIndent()
            val out = folder.resolve("out")
            val builder =
                ProcessBuilder(cron.command(script))
                    .redirectErrorStream(true)
                    .redirectOutput(out.toFile())
            builder.environment().apply {
                keys.removeIf { it.startsWith("EMRYS_") }
                put("EMRYS_CACHE", "${EmrysProgram.CACHE}")
                put("EMRYS_JAVA_HOME", System.getProperty("java.home"))
            }
            val process = builder.start()
            val ended = process.waitFor(TIMEOUT.inWholeSeconds + 60, TimeUnit.SECONDS)
            if (!ended) process.destroyForcibly().waitFor()
            val state = pipes.resolve(".emrys")
            val log = state.resolve("schedule.log")
            withClue(out.readText() + (if (log.exists()) log.readText() else "no log")) {
                process.exitValue() shouldBe 0
                folder.resolve("installed").readText().let {
                    it.split("begin: $pipes\n").size shouldBe 2
                    it.endsWith(before) shouldBe true
                }
                folder.resolve("after").readText().let {
                    // The line that was added by hand is not Emrys's.
                    it.startsWith(before) shouldBe true
                    it.split("\n").size shouldBe before.split("\n").size + 1
                }
                val started = ledger.lines()
                started.size shouldBeGreaterThan 1
                started.distinct() shouldContainExactly started
                val history =
                    program.run(
                        "schedule",
                        "history",
                        "--output",
                        "json",
                        options = LaunchOptions(mapOf("EMRYS_STATE" to "$state")),
                    )
                // Where the installation meets the turn of a minute, cron's first call decides two
                // fires, of which the second is skipped for the run of the first.
                val (skipped, fires) =
                    history.json().path("fires").partition {
                        it.path("state").asText() == "skipped"
                    }
                fires.map { it.path("at").asText() } shouldContainAll started
                fires.size shouldBe started.size
                fires.map { it.path("state").asText() }.toSet() shouldBe setOf("succeeded")
                skipped.forEach { it.path("reason").asText() shouldContain "is running" }
                log.readText() shouldContain " succeeded"
                log.readText() shouldContain "minutely/main: the fire of"
            }
        }
    })
