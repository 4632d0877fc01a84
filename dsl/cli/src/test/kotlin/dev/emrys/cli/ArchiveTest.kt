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
import java.nio.file.attribute.FileTime
import java.time.Instant
import java.util.UUID
import kotlin.io.path.deleteExisting
import kotlin.io.path.fileSize
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.readBytes
import kotlin.io.path.writeBytes
import kotlin.io.path.writeText

/** Is in no cache. */
private val FRESH =
    """
    // ${UUID.randomUUID()}
    pipeline("fresh") {
        val c = cluster("c") { instances { primary("m6g.xlarge") } }
        c.step("one") { bash("true") }
    }
    """
        .trimIndent()

class ArchiveTest :
    FunSpec({
        fun installed(prefix: String = "emrys-archive"): Launcher {
            val folder = tempdir(prefix).toPath().toRealPath()
            return Launcher(folder.resolve("home"), folder.resolve("scratch")).apply { install() }
        }

        val launcher = InstalledProgram.launcher(tempdir("emrys-archive").toPath().toRealPath())
        val program = autoClose(EmrysProgram())
        val script = program.script("probe", EmrysProgram.PROBE)

        test("the first start makes the archive, and says so on standard error only") {
            InstalledProgram.firstOut shouldContain Regex("^emrys \\S+\n$")
            InstalledProgram.firstErr shouldContain "Preparing Emrys for this Java, once."
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

        // Not by EmrysProgram.script, which also compiles it.
        val compiling by lazy {
            val fresh = tempdir("emrys-archive").toPath().resolve("fresh.emr.kts")
            launcher.loaded("check", "${fresh.apply { writeText(FRESH) }}").also {
                it.values.flatten() shouldContain "org.jetbrains.kotlin.cli.common.ArgumentsKt"
            }
        }

        test("the compiler's classes come from the archive") {
            compiling[false]
                .orEmpty()
                .filter { it.startsWith("org.jetbrains.") || it.startsWith("kotlin.") }
                .filterNot { "\$\$Lambda" in it }
                // A class that it uses is missing in the compiler's jar: no archive takes it.
                .filterNot { it.endsWith(".editor.impl.event.DocumentEventImpl") }
                .shouldBeEmpty()
        }

        test("a script is compiled without reading metadata by kotlin-reflect") {
            compiling.values
                .flatten()
                .filter { it.startsWith("kotlin.reflect.jvm.internal.impl.metadata.") }
                .shouldBeEmpty()
        }

        test("a missing, damaged or outdated archive breaks no start and prints nothing") {
            val other = installed()
            other.shortenTraining()
            other.loaded("--version")
            other.loaded("--version")[true].orEmpty() shouldContain "picocli.CommandLine"
            val archive = other.archive
            val whole = archive.readBytes()
            fun starts() =
                other.run("--version").let {
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
                other.lib.listDirectoryEntries("emrys-*.jar").first { !Files.isSymbolicLink(it) }
            Files.setLastModifiedTime(jar, FileTime.from(Instant.EPOCH))
            starts()
            archive.deleteExisting()
            starts()
        }

        test("a JVM that cannot archive the classes of this folder starts without an archive") {
            val other = installed("emrys archive ä")
            val result = other.run("--version") exits ExitCode.SUCCEEDED
            result.out shouldContain Regex("^emrys \\S+\n$")
            val possible = Runtime.version().feature() >= 24
            Files.exists(other.archives) shouldBe possible
            if (possible)
                other.loaded("--version")[true].orEmpty() shouldContain "picocli.CommandLine"
            else result.err shouldBe ""
        }

        test("a failed training is silent, happens once, and leaves its output in the log") {
            val other = installed()
            // Without this jar no script compiles, which --version does not need.
            other.lib.listDirectoryEntries("kotlin-compiler-*.jar").forEach { it.deleteExisting() }
            val first = other.run("--version") exits ExitCode.SUCCEEDED
            first.out shouldContain Regex("^emrys \\S+\n$")
            first.err shouldBe "Preparing Emrys for this Java, once.\n"
            other.log() shouldContain "exit code 70, not 2"
            other.run("--version").err shouldBe ""
        }
    })
