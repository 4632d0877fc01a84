package dev.emrys.cli

import com.fasterxml.jackson.databind.JsonNode
import com.fasterxml.jackson.databind.ObjectMapper
import dev.emrys.host.LoadRequest
import dev.emrys.host.ScriptHost
import io.kotest.assertions.nondeterministic.eventually
import io.kotest.assertions.withClue
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import java.nio.file.Files
import java.nio.file.Path
import java.time.LocalDate
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicInteger
import kotlin.io.path.deleteRecursively
import kotlin.io.path.exists
import kotlin.io.path.name
import kotlin.io.path.readText
import kotlin.io.path.writeText
import kotlin.time.Duration.Companion.minutes

/** The machine that the tests run on may be busy: this is how long anything may take. */
internal val PATIENCE = 3.minutes

internal val JSON = ObjectMapper()

/** How a program is started, beyond its words. */
internal class How(
    val environment: Map<String, String> = emptyMap(),
    val jvm: List<String> = emptyList(),
    /** What stands before `java`, such as `setpriv`. */
    val before: List<String> = emptyList(),
    /** A shell's line, to be run on a terminal instead of the words. */
    val terminal: String? = null,
)

/** What a program said, and how it ended. Whatever it was asked, it never showed a stack trace. */
internal class Said(val exit: Int, val out: String, val err: String) {
    val all = out + err

    init {
        withClue(all) {
            all shouldNotContain "\tat "
            all shouldNotContain "Exception in thread"
        }
    }

    fun json(): JsonNode = withClue(all) { JSON.readTree(out) }

    /** The name of the run, as its first line has it. */
    val run: String
        get() = runName(err) ?: error("no run in: $all")

    infix fun exits(code: ExitCode): Said = also { withClue(all) { exit shouldBe code.code } }

    fun says(vararg words: String): Said = also { words.forEach { err shouldContain it } }
}

private fun runName(err: String) =
    Regex("^Run (\\S+) \\(r[a-z2-7]+\\)", RegexOption.MULTILINE).find(err)?.groupValues?.get(1)

/** A program under way. */
internal class Running(val process: Process, private val out: Path, private val err: Path) {
    suspend fun says(words: String) =
        until("\"$words\" is said") {
            err.readText().contains(words) || out.readText().contains(words)
        }

    suspend fun saysTimes(words: String, times: Int) =
        until("\"$words\" is said $times times") {
            (err.readText() + out.readText()).split(words).size > times
        }

    /** The name of its run, as soon as it has one. */
    suspend fun run(): String {
        until("the run has a name") { runName(err.readText()) != null }
        return runName(err.readText())!!
    }

    suspend fun until(what: String, condition: () -> Boolean) =
        eventually(PATIENCE) {
            withClue({ "$what; so far: ${out.readText()}${err.readText()}" }) {
                condition() shouldBe true
            }
        }

    fun signal(name: String) {
        ProcessBuilder("kill", "-$name", "${process.pid()}").inheritIO().start().waitFor() shouldBe
            0
    }

    fun said(): Said {
        val ended = process.waitFor(PATIENCE.inWholeSeconds, TimeUnit.SECONDS)
        if (!ended) process.destroyForcibly().waitFor()
        return withClue({ out.readText() + err.readText() }) {
            ended shouldBe true
            Said(process.exitValue(), out.readText(), err.readText())
        }
    }
}

/**
 * The real program, started as a person starts it: in processes of its own, with a folder of its
 * own. Closing it ends the owner processes that it has started, and nothing else.
 */
internal class Program : AutoCloseable {
    val folder: Path = Files.createTempDirectory("emrys-cli-").toRealPath()
    val state: Path = folder.resolve("state")
    val home: Path = Files.createDirectory(folder.resolve("home"))
    private val count = AtomicInteger()
    private val started = ArrayList<Process>()

    /** Writes a script, and has it compiled into the cache that all tests share. */
    fun script(name: String, text: String): Path {
        val file = folder.resolve("$name.emr.kts")
        file.writeText(text)
        ScriptHost(CACHE.resolve("scripts"))
            .load(LoadRequest(file, file.name, emptyMap(), true, LocalDate.now()))
        return file
    }

    fun start(vararg words: String, how: How = How()): Running {
        val command =
            if (how.terminal == null) how.before + java(how.jvm) + words
            else listOf("script", "-qec", how.terminal, "/dev/null")
        val number = count.incrementAndGet()
        val out = folder.resolve("out-$number")
        val err = folder.resolve("err-$number")
        val builder =
            ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
        environment(builder.environment(), how)
        val process = builder.start()
        synchronized(started) { started.add(process) }
        return Running(process, out, err)
    }

    fun run(vararg words: String, how: How = How()): Said = start(*words, how = how).said()

    private fun environment(environment: MutableMap<String, String>, how: How) {
        environment.keys.removeIf { it.startsWith("EMRYS_") || it == "NO_COLOR" }
        environment["LC_ALL"] = "C.UTF-8"
        environment["EMRYS_STATE"] = "$state"
        environment["EMRYS_CACHE"] = "$CACHE"
        environment.putAll(how.environment)
    }

    fun java(jvm: List<String> = emptyList()): List<String> =
        // A build in the background hands its children a SIGINT or SIGHUP that is ignored, and a
        // JVM respects
        // that.
        (if (DEFAULT_SIGNALS) listOf("env", "--default-signal=INT,HUP") else emptyList()) +
            listOf(Path.of(System.getProperty("java.home"), "bin", "java").toString()) +
            listOf(
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xshare:auto",
                "-Xmx512m",
                "-Duser.home=$home",
            ) +
            jvm +
            listOf("-cp", System.getProperty("java.class.path"), "dev.emrys.cli.MainKt")

    override fun close() {
        started.filter { it.isAlive }.forEach { it.destroyForcibly().waitFor() }
        for (pid in owners()) {
            ProcessHandle.of(pid).ifPresent {
                it.destroy()
                it.onExit().get(PATIENCE.inWholeSeconds, TimeUnit.SECONDS)
            }
        }
        folder.toFile().deleteRecursively()
    }

    /** An owner that is idle goes while we look, and its file with it. */
    private fun owners(): List<Long> =
        folder
            .toFile()
            .walk()
            .filter { it.name == "owner.json" }
            .mapNotNull { file ->
                try {
                    JSON.readTree(file.readText()).path("pid").asLong()
                } catch (_: java.io.IOException) {
                    null
                }
            }
            .toList()

    companion object {
        /** Each script is compiled once for all tests. */
        val CACHE: Path by lazy {
            Files.createTempDirectory("emrys-cli-cache-").also { cache ->
                @OptIn(kotlin.io.path.ExperimentalPathApi::class)
                Runtime.getRuntime().addShutdownHook(Thread { cache.deleteRecursively() })
            }
        }

        private val DEFAULT_SIGNALS: Boolean by lazy {
            succeeds("env", "--default-signal=INT,HUP", "true")
        }

        fun succeeds(vararg command: String): Boolean =
            try {
                ProcessBuilder(*command)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor() == 0
            } catch (_: java.io.IOException) {
                false
            }

        /** A pipeline whose two steps do what they are told from outside: `two` waits for `one`. */
        val PROBE =
            """
            pipeline("probe") {
                val first = param("first") { default = "echo first" }
                val second = param("second") { default = "echo second" }
                val tries = intParam("tries") { default = 1 }
                val c = cluster("c") { instances { primary("m6g.xlarge") } }
                val one = c.step("one") {
                    bash(first)
                    retry { attempts = tries; backoff = constant(1.seconds) }
                }
                c.step("two") { bash(second); after(one) }
            }
            """
                .trimIndent() + "\n"
    }
}

/**
 * What lets a process of root be refused like anybody else's: without these rights a mode such as
 * 0500 counts. Empty for anybody else; null when it cannot be had here.
 */
internal val AS_ANYBODY: List<String>? by lazy {
    val drop =
        listOf(
            "setpriv",
            "--bounding-set=-dac_override,-dac_read_search",
            "--inh-caps=-dac_override,-dac_read_search",
        )
    when {
        System.getProperty("user.name") != "root" -> emptyList()
        Program.succeeds(*drop.toTypedArray(), "true") -> drop
        else -> null
    }
}

internal fun Path.mode(mode: String): Path = also {
    Files.setPosixFilePermissions(it, java.nio.file.attribute.PosixFilePermissions.fromString(mode))
}

internal fun Path.lines(): List<String> =
    if (exists()) readText().lines().filter { it.isNotEmpty() } else emptyList()

/** Whether a test about rights can be had here. */
internal fun anybody(): io.kotest.core.test.Enabled =
    if (AS_ANYBODY != null) io.kotest.core.test.Enabled.enabled
    else
        io.kotest.core.test.Enabled.disabled(
            "this is root, and setpriv cannot take its rights away here"
        )
