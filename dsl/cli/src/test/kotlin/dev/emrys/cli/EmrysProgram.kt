package dev.emrys.cli

import com.fasterxml.jackson.databind.JsonNode
import com.fasterxml.jackson.databind.ObjectMapper
import dev.emrys.graph.TaskGraph
import dev.emrys.host.LoadRequest
import dev.emrys.host.LoadResult
import dev.emrys.host.ScriptHost
import dev.emrys.journal.SqliteJournal
import dev.emrys.testing.ProgramResult
import dev.emrys.testing.StartedProgram
import io.kotest.assertions.nondeterministic.eventually
import io.kotest.assertions.withClue
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import java.io.ByteArrayOutputStream
import java.nio.file.Files
import java.nio.file.Path
import java.sql.DriverManager
import java.sql.SQLException
import java.time.LocalDate
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicInteger
import kotlin.io.path.deleteRecursively
import kotlin.io.path.exists
import kotlin.io.path.name
import kotlin.io.path.readText
import kotlin.io.path.writeText
import kotlin.time.Duration.Companion.minutes

/** How long anything may take on a busy machine. */
internal val TIMEOUT = 3.minutes

internal val JSON = ObjectMapper()

/** How a program is started, beside its arguments. */
internal class LaunchOptions(
    val environment: Map<String, String> = emptyMap(),
    val jvm: List<String> = emptyList(),
    /** A command that starts `java`, such as `setpriv`. */
    val before: List<String> = emptyList(),
    /** A shell command to run on a terminal instead of the arguments. */
    val terminal: String? = null,
)

/**
 * What this machine sets for its own user of Emrys and of AWS must not reach what a test starts.
 */
internal fun removeOwnSettings(environment: MutableMap<String, String>) {
    environment.keys.removeIf {
        it.startsWith("EMRYS_") || it.startsWith("AWS_") || it == "NO_COLOR"
    }
}

/** The output and the exit code of a program. The output never has a stack trace. */
internal class ProcessResult(exit: Int, out: String, err: String) : ProgramResult(exit, out, err) {
    init {
        withClue(all) {
            all shouldNotContain "\tat "
            all shouldNotContain "Exception in thread"
        }
    }

    fun json(): JsonNode = withClue(all) { JSON.readTree(out) }

    /** The name of the run, from the first line. */
    val run: String
        get() = runName(err) ?: error("no run in: $all")

    infix fun exits(code: ExitCode): ProcessResult = also {
        withClue(all) { exit shouldBe code.code }
    }

    fun printsOnStderr(vararg texts: String): ProcessResult = also {
        texts.forEach { err shouldContain it }
    }
}

private fun runName(err: String) =
    Regex("^Run (\\S+) \\(r[a-z2-7]+\\)", RegexOption.MULTILINE).find(err)?.groupValues?.get(1)

/** A program that runs. */
internal class RunningProcess(process: Process, out: Path, err: Path) :
    StartedProgram(process, out, err) {
    suspend fun prints(text: String) =
        until("\"$text\" is printed") {
            output().contains(text)
        }

    suspend fun printsTimes(text: String, times: Int) =
        until("\"$text\" is printed $times times") {
            count(text) >= times
        }

    /** How often a text was printed so far. */
    fun count(text: String): Int = output().split(text).size - 1

    /** The name of its run, as soon as it has one. */
    suspend fun run(): String {
        until("the run has a name") { runName(err()) != null }
        return runName(err())!!
    }

    suspend fun until(what: String, condition: () -> Boolean) =
        eventually(TIMEOUT) {
            withClue({ "$what; so far: ${output()}" }) {
                condition() shouldBe true
            }
        }

    fun signal(name: String) {
        ProcessBuilder("kill", "-$name", "${process.pid()}").inheritIO().start().waitFor() shouldBe
            0
    }

    /**
     * Stops it, but not within a transaction of the journal in a state folder: that would block
     * every other process.
     */
    suspend fun stop(state: Path) =
        eventually(TIMEOUT) {
            signal("STOP")
            val isLocked =
                try {
                    DriverManager.getConnection("jdbc:sqlite:${state.resolve(SqliteJournal.FILE)}")
                        .use { journal ->
                            journal.createStatement().use {
                                it.execute("PRAGMA busy_timeout = 100")
                                it.execute("BEGIN IMMEDIATE")
                                it.execute("ROLLBACK")
                            }
                        }
                    false
                } catch (e: SQLException) {
                    true
                }
            if (isLocked) signal("CONT")
            isLocked shouldBe false
        }

    fun result(): ProcessResult =
        awaitExit(TIMEOUT.inWholeSeconds).let { ProcessResult(it.exit, it.out, it.err) }
}

/**
 * The real program in its own processes and its own folder. Closing it ends only the processes that
 * it started.
 */
internal class EmrysProgram : AutoCloseable {
    val folder: Path = Files.createTempDirectory("emrys-cli-").toRealPath()
    val state: Path = folder.resolve("state")
    val home: Path = Files.createDirectory(folder.resolve("home"))
    private val count = AtomicInteger()
    private val started = ArrayList<Process>()

    /** Writes a script and compiles it into the cache that all tests share. */
    fun script(name: String, text: String): Path {
        val file = folder.resolve("$name.emr.kts")
        file.writeText(text)
        ScriptHost(CACHE.resolve("scripts"))
            .load(LoadRequest(file, file.name, emptyMap(), true, lazyOf(LocalDate.now())))
        return file
    }

    fun start(vararg arguments: String, options: LaunchOptions = LaunchOptions()): RunningProcess {
        val command =
            if (options.terminal == null) options.before + java(options.jvm) + arguments
            else listOf("script", "-qec", options.terminal, "/dev/null")
        val number = count.incrementAndGet()
        val out = folder.resolve("out-$number")
        val err = folder.resolve("err-$number")
        val builder =
            ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
        environment(builder.environment(), options)
        val process = builder.start()
        synchronized(started) { started.add(process) }
        return RunningProcess(process, out, err)
    }

    fun run(vararg arguments: String, options: LaunchOptions = LaunchOptions()): ProcessResult =
        if (isQuestion(arguments, options)) ask(arguments, options)
        else start(*arguments, options = options).result()

    /**
     * Whether a command only reads the state folder: a process of its own would show nothing more,
     * and takes a second of processor time.
     */
    private fun isQuestion(arguments: Array<out String>, options: LaunchOptions): Boolean {
        val words = arguments.filterNot { it.startsWith("-") }
        return (words.firstOrNull() in QUESTIONS || words.take(2).joinToString(" ") in QUESTIONS) &&
            arguments.none { it in setOf("--state", "--journal", "--target", "--help") } &&
            options.jvm.isEmpty() &&
            options.before.isEmpty() &&
            options.terminal == null &&
            // Without a state folder the working folder decides.
            options.environment.all { (name, value) ->
                name == "EMRYS_STATE" && value.isNotEmpty()
            }
    }

    private fun ask(arguments: Array<out String>, options: LaunchOptions): ProcessResult {
        val folder = options.environment["EMRYS_STATE"] ?: "$state"
        val out = ByteArrayOutputStream()
        val err = ByteArrayOutputStream()
        val code = execute(arrayOf(*arguments, "--state", folder), Console(out, err))
        return ProcessResult(code, out.toString(Charsets.UTF_8), err.toString(Charsets.UTF_8))
    }

    private fun environment(environment: MutableMap<String, String>, options: LaunchOptions) {
        removeOwnSettings(environment)
        environment["LC_ALL"] = "C.UTF-8"
        environment["EMRYS_STATE"] = "$state"
        environment["EMRYS_CACHE"] = "$CACHE"
        environment.putAll(options.environment)
    }

    fun java(jvm: List<String> = emptyList()): List<String> =
        // The children of a build in the background inherit an ignored SIGINT and SIGHUP, and a
        // JVM then ignores them, too.
        (if (DEFAULT_SIGNALS) listOf("env", "--default-signal=INT,HUP") else emptyList()) +
            InstalledProgram.command(listOf("-Xmx512m", "-Duser.home=$home") + jvm)

    override fun close() {
        started.filter { it.isAlive }.forEach { it.destroyForcibly().waitFor() }
        for (pid in owners()) {
            ProcessHandle.of(pid).ifPresent {
                it.destroy()
                it.onExit().get(TIMEOUT.inWholeSeconds, TimeUnit.SECONDS)
            }
        }
        folder.toFile().deleteRecursively()
    }

    /** The file of an owner process disappears when that process ends. */
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
        /** The task graph of a script. */
        fun graph(script: String): TaskGraph {
            val file = Files.createTempFile("emrys-", ".emr.kts")
            try {
                file.writeText(script)
                val request =
                    LoadRequest(
                        file,
                        file.name,
                        emptyMap(),
                        false,
                        lazyOf(LocalDate.of(2026, 4, 25)),
                    )
                val loaded = ScriptHost(CACHE.resolve("scripts")).load(request)
                return TaskGraph.compile((loaded as LoadResult.Ready).spec)
            } finally {
                Files.delete(file)
            }
        }

        /** Each script is compiled once for all tests. */
        val CACHE: Path by lazy {
            Files.createTempDirectory("emrys-cli-cache-").also { cache ->
                @OptIn(kotlin.io.path.ExperimentalPathApi::class)
                Runtime.getRuntime().addShutdownHook(Thread { cache.deleteRecursively() })
            }
        }

        private val QUESTIONS = setOf("show", "runs", "logs", "schedule history", "schedule list")

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

        /** A pipeline whose two steps run the commands of its params: `two` waits for `one`. */
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
 * A command that drops root's right to ignore file modes such as 0500. Empty for another user; null
 * when root cannot drop it here.
 */
internal val UNPRIVILEGED: List<String>? by lazy {
    val drop =
        listOf(
            "setpriv",
            "--bounding-set=-dac_override,-dac_read_search",
            "--inh-caps=-dac_override,-dac_read_search",
        )
    when {
        System.getProperty("user.name") != "root" -> emptyList()
        EmrysProgram.succeeds(*drop.toTypedArray(), "true") -> drop
        else -> null
    }
}

internal fun Path.mode(mode: String): Path = also {
    Files.setPosixFilePermissions(it, java.nio.file.attribute.PosixFilePermissions.fromString(mode))
}

internal fun Path.lines(): List<String> =
    if (exists()) readText().lines().filter { it.isNotEmpty() } else emptyList()

/** Whether a test of file modes is possible here. */
internal fun unprivilegedOrDisabled(): io.kotest.core.test.Enabled =
    if (UNPRIVILEGED != null) io.kotest.core.test.Enabled.enabled
    else
        io.kotest.core.test.Enabled.disabled(
            "this is root, and setpriv cannot drop its rights here"
        )
