package dev.emrys.cli

import io.kotest.assertions.withClue
import java.io.File
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.TimeUnit
import java.util.jar.JarOutputStream
import java.util.zip.ZipEntry
import javax.tools.ToolProvider
import kotlin.io.path.createDirectories
import kotlin.io.path.createFile
import kotlin.io.path.createSymbolicLinkPointingTo
import kotlin.io.path.exists
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.readLines
import kotlin.io.path.readText
import kotlin.io.path.writeText

private val LAUNCHER: Path = Path.of("../../emrys")
private val ADAPT: Path = Path.of("src/build/java/AdaptCompiler.java")

/** The class path of the tests, without what the program does not have. */
private val CLASS_PATH: List<Path> =
    System.getProperty("java.class.path")
        .split(File.pathSeparator)
        .map(Path::of)
        // The program has picocli in its own jar.
        .filterNot { it.name.startsWith("picocli-") || it.name == "test-classes" }
        .filter { it.exists() }

/**
 * The real launcher over a finished build, so that it does not start Maven.
 *
 * @param scratch the working folder of its programs, with their output and their state folder
 */
internal class Launcher(private val home: Path, private val scratch: Path) {
    private val build = home.resolve(".build/1")
    val lib: Path = build.resolve("lib")
    /** The launcher itself. */
    val file: Path = home.resolve("emrys")
    val archives: Path = build.resolve("archives")

    /** Makes the build, with one jar for each folder of the class path. */
    fun install() {
        lib.createDirectories()
        Files.copy(LAUNCHER, home.resolve("emrys"))
        home
            .resolve("pipelines/jobs/target")
            .createDirectories()
            .resolve("emrys-jobs.jar")
            .createFile()
        for ((index, path) in CLASS_PATH.withIndex()) {
            if (Files.isDirectory(path)) jar(path.toFile(), lib.resolve("emrys-$index.jar"))
            else lib.resolve(path.name).createSymbolicLinkPointingTo(path)
        }
        adaptCompiler()
        build.resolve("built").createFile()
        home.resolve(".build/current").createSymbolicLinkPointingTo(build)
    }

    /** As the build does. */
    private fun adaptCompiler() {
        val jars =
            listOf("compiler-embeddable", "stdlib", "reflect").map {
                lib.listDirectoryEntries("kotlin-$it-[0-9]*.jar").single()
            }
        val path = jars.joinToString(":")
        val java = Path.of(System.getProperty("java.home"), "bin", "java")
        val adapted = lib.resolve("emrys-kotlin-compiler-classes.jar")
        val step =
            ProcessBuilder("$java", "-cp", path, "$ADAPT", "${jars.first()}", "$adapted")
                .inheritIO()
                .start()
        check(step.waitFor() == 0) { "The compiler's class files cannot be adapted." }
    }

    /** Makes the archive small: its training is only one short command. To be called first. */
    fun shortenTraining() {
        val classes = scratch.createDirectories().resolve("short").createDirectories()
        val source = scratch.resolve("ArchiveTraining.java")
        source.writeText(
            """
            package dev.emrys.cli;

            class ArchiveTraining {
                public static void main(String[] words) {
                    MainKt.main(new String[] {"--version"});
                }
            }
            """
                .trimIndent()
        )
        val options = arrayOf("-cp", System.getProperty("java.class.path"), "-d", "$classes")
        check(
            ToolProvider.getSystemJavaCompiler().run(null, null, null, *options, "$source") == 0
        ) {
            "The training cannot be compiled."
        }
        // The launcher orders the jars by their names.
        jar(classes.toFile(), lib.resolve("emrys--training.jar"))
    }

    private fun jar(folder: File, file: Path) {
        JarOutputStream(Files.newOutputStream(file)).use { jar ->
            for (each in folder.walk().filter { it.isFile }) {
                jar.putNextEntry(ZipEntry(each.relativeTo(folder).invariantSeparatorsPath))
                jar.write(each.readBytes())
                jar.closeEntry()
            }
        }
    }

    fun run(vararg words: String, options: String = ""): ProcessResult {
        val out = scratch.createDirectories().resolve("out")
        val err = scratch.resolve("err")
        val builder =
            ProcessBuilder(listOf("bash", "$home/emrys") + words)
                .directory(scratch.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
        builder.environment().apply {
            removeOwnSettings(this)
            put("LC_ALL", "C.UTF-8")
            put("EMRYS_JAVA_HOME", System.getProperty("java.home"))
            put("EMRYS_CACHE", "${EmrysProgram.CACHE}")
            put("EMRYS_STATE", "$scratch/state")
            if (options.isNotEmpty()) put("JDK_JAVA_OPTIONS", options)
        }
        val process = builder.start()
        val ended = process.waitFor(TIMEOUT.inWholeSeconds, TimeUnit.SECONDS)
        if (!ended) process.destroyForcibly().waitFor()
        return withClue({ out.readText() + err.readText() + log() }) {
            check(ended) { "it did not end" }
            ProcessResult(process.exitValue(), out.readText(), err.readText())
        }
    }

    fun log(): String =
        home.resolve(".build/archive.log").let { if (Files.exists(it)) it.readText() else "" }

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

    /** As the launcher has written it for the archive. */
    val classPath: String
        get() = build.resolve("jars").readText().trim().split(':').joinToString(":") { "$lib/$it" }

    /** The classes that a command loads, by whether they came from the archive. */
    fun loaded(vararg words: String): Map<Boolean, List<String>> {
        val classes = scratch.createDirectories().resolve("classes")
        run(*words, options = "-Xlog:class+load:file=classes") exits ExitCode.SUCCEEDED
        return classes
            .readLines()
            .filter { " source: " in it }
            .groupBy({ "shared objects file" in it }) {
                it.substringBefore(" source:").substringAfterLast(' ')
            }
    }

    companion object {
        /** What an installation is made of: it differs when a file of it has changed. */
        fun identity(): String =
            CLASS_PATH.plusElement(LAUNCHER)
                .plusElement(ADAPT)
                .flatMap { it.toFile().walk() }
                .filter { it.isFile }
                .joinToString("\n") { "$it ${it.length()} ${it.lastModified()}" }
    }
}
