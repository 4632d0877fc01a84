package dev.emrys.cli

import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.doubles.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.attribute.FileTime
import java.time.Instant
import java.util.concurrent.TimeUnit
import kotlin.io.path.createDirectories
import kotlin.io.path.createFile
import kotlin.io.path.createSymbolicLinkPointingTo
import kotlin.io.path.deleteExisting
import kotlin.io.path.fileSize
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.readBytes
import kotlin.io.path.readLines
import kotlin.io.path.readText
import kotlin.io.path.writeBytes
import kotlin.io.path.writeText

/** The real launcher over a finished build, so that it does not start Maven. */
private class Launcher(private val home: Path) {
    private val build = home.resolve(".build/1").createDirectories()
    val lib: Path = build.resolve("lib")

    init {
        Files.copy(Path.of("../../emrys"), home.resolve("emrys"))
        home
            .resolve("pipelines/jobs/target")
            .createDirectories()
            .resolve("emrys-jobs.jar")
            .createFile()
        ProgramJars(lib).write()
        build.resolve("built").createFile()
        home.resolve(".build/current").createSymbolicLinkPointingTo(build)
    }

    fun run(vararg words: String, options: String = ""): ProcessResult {
        val out = home.resolve("out")
        val err = home.resolve("err")
        val builder =
            ProcessBuilder(listOf("bash", "$home/emrys") + words)
                .directory(home.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
        builder.environment().apply {
            keys.removeIf { it.startsWith("EMRYS_") }
            put("LC_ALL", "C.UTF-8")
            put("EMRYS_JAVA_HOME", System.getProperty("java.home"))
            put("EMRYS_CACHE", "${EmrysProgram.CACHE}")
            put("EMRYS_STATE", "$home/state")
            if (options.isNotEmpty()) put("JDK_JAVA_OPTIONS", options)
        }
        val process = builder.start()
        val ended = process.waitFor(TIMEOUT.inWholeSeconds, TimeUnit.SECONDS)
        if (!ended) process.destroyForcibly().waitFor()
        return withClue({ out.readText() + err.readText() + log() }) {
            ended shouldBe true
            ProcessResult(process.exitValue(), out.readText(), err.readText())
        }
    }

    fun log(): String =
        home.resolve(".build/archive.log").let { if (Files.exists(it)) it.readText() else "" }

    val archives: Path = build.resolve("archives")

    /** The only archive, of the only JVM that was used. */
    val archive: Path
        get() =
            withClue(log()) {
                archives
                    .listDirectoryEntries("+*")
                    .single()
                    .listDirectoryEntries("classes.*")
                    .single()
            }

    /** The classes that a command loads, by whether they came from the archive. */
    fun loaded(vararg words: String): Map<Boolean, List<String>> {
        val classes = home.resolve("classes")
        run(*words, options = "-Xlog:class+load:file=classes") exits ExitCode.SUCCEEDED
        return classes
            .readLines()
            .filter { " source: " in it }
            .groupBy({ "shared objects file" in it }) {
                it.substringBefore(" source:").substringAfterLast(' ')
            }
    }
}

class ArchiveTest :
    FunSpec({
        val launcher = Launcher(tempdir("emrys-archive").toPath().toRealPath())
        val program = autoClose(EmrysProgram())
        val script = program.script("probe", EmrysProgram.PROBE)

        test("the first start makes the archive, and says so on standard error only") {
            val result = launcher.run("--version") exits ExitCode.SUCCEEDED
            result.out shouldContain Regex("^emrys \\S+\n$")
            result.err shouldContain "Preparing Emrys for this Java, once."
            launcher.archive.fileSize().toDouble() shouldBeGreaterThan 1e7
            launcher.run("--version").err shouldBe ""
        }

        test("the classes of a command come from the archive, picocli's too") {
            for (command in
                listOf(listOf("--version"), listOf("plan", "$script"), listOf("run", "$script"))) {
                withClue(command) {
                    val classes = launcher.loaded(*command.toTypedArray())
                    val archived = classes[true].orEmpty()
                    val others = classes[false].orEmpty()
                    archived shouldContain "picocli.CommandLine"
                    others
                        .filter { it.startsWith("dev.emrys.") || it.startsWith("picocli.") }
                        // A lambda is archived only if the training has evaluated it: it starts
                        // no owner process, and whether a step's end is pushed or polled is a
                        // matter of milliseconds.
                        .filterNot { "\$\$Lambda" in it }
                        .shouldBeEmpty()
                    archived.size.toDouble() / (archived.size + others.size) shouldBeGreaterThan 0.9
                }
            }
        }

        test("a missing, damaged or outdated archive breaks no start and prints nothing") {
            val archive = launcher.archive
            val whole = archive.readBytes()
            fun starts() =
                launcher.run("--version").let {
                    it exits ExitCode.SUCCEEDED
                    it.out shouldContain Regex("^emrys \\S+\n$")
                    it.err shouldBe ""
                }
            archive.toFile().setWritable(true)
            archive.writeBytes(whole.copyOf(whole.size / 2))
            starts()
            archive.writeBytes(whole.copyOf(100))
            starts()
            archive.writeText("no archive")
            starts()
            archive.writeBytes(whole)
            val jar =
                launcher.lib.listDirectoryEntries("emrys-*.jar").first { !Files.isSymbolicLink(it) }
            Files.setLastModifiedTime(jar, FileTime.from(Instant.EPOCH))
            starts()
            archive.deleteExisting()
            starts()
        }

        test("a JVM that cannot archive the classes of this folder starts without an archive") {
            val other = Launcher(tempdir("emrys archive ä").toPath().toRealPath())
            val result = other.run("--version") exits ExitCode.SUCCEEDED
            result.out shouldContain Regex("^emrys \\S+\n$")
            val possible = Runtime.version().feature() >= 24
            Files.exists(other.archives) shouldBe possible
            if (possible)
                other.loaded("--version")[true].orEmpty() shouldContain "picocli.CommandLine"
            else result.err shouldBe ""
        }

        test("a failed training is silent, happens once, and leaves its output in the log") {
            val other = Launcher(tempdir("emrys-archive").toPath().toRealPath())
            // Without this jar no script compiles, which --version does not need.
            other.lib.listDirectoryEntries("kotlin-compiler-*.jar").forEach { it.deleteExisting() }
            val first = other.run("--version") exits ExitCode.SUCCEEDED
            first.out shouldContain Regex("^emrys \\S+\n$")
            first.err shouldBe "Preparing Emrys for this Java, once.\n"
            other.log() shouldContain "exit code 70, not 2"
            other.run("--version").err shouldBe ""
        }
    })
