package dev.emrys.cli

import java.io.File
import java.nio.channels.FileChannel
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.StandardOpenOption.CREATE
import java.nio.file.StandardOpenOption.WRITE
import java.util.jar.JarOutputStream
import java.util.zip.ZipEntry
import kotlin.io.path.createDirectories
import kotlin.io.path.createSymbolicLinkPointingTo
import kotlin.io.path.exists
import kotlin.io.path.name
import kotlin.io.path.pathString
import kotlin.io.path.readText
import kotlin.io.path.writeText

/**
 * The jars of the program, in a folder: those of the class path of the tests, and one for each
 * folder of it.
 */
internal class ProgramJars(private val lib: Path) {
    private val sources: Map<Path, Path> =
        System.getProperty("java.class.path")
            .split(File.pathSeparator)
            .map(Path::of)
            // The program has picocli in its own jar.
            .filterNot { it.name.startsWith("picocli-") || it.name == "test-classes" }
            .filter { it.exists() }
            .withIndex()
            .associate { (index, source) ->
                val name = if (Files.isDirectory(source)) "emrys-$index.jar" else source.name
                lib.resolve(name) to source
            }

    val classPath: String = sources.keys.joinToString(File.pathSeparator)

    /** What the jars are made of: it differs when a file of the class path has changed. */
    fun identity(): String =
        sources.values
            .flatMap { it.toFile().walk() }
            .filter { it.isFile }
            .joinToString("\n") { "$it ${it.length()} ${it.lastModified()}" }

    fun write() {
        lib.createDirectories()
        for ((jar, source) in sources) {
            if (Files.isDirectory(source)) writeJar(source.toFile(), jar)
            else jar.createSymbolicLinkPointingTo(source)
        }
    }

    private fun writeJar(folder: File, file: Path) {
        JarOutputStream(Files.newOutputStream(file)).use { jar ->
            for (each in folder.walk().filter { it.isFile }) {
                jar.putNextEntry(ZipEntry(each.relativeTo(folder).invariantSeparatorsPath))
                jar.write(each.readBytes())
                jar.closeEntry()
            }
        }
    }
}

/**
 * The program in jars, with a class-data archive as the launcher makes it: a start with an archive
 * needs half of the processor time. All test JVMs of a build share one, in `target`.
 */
internal object InstalledProgram {
    private val java = Path.of(System.getProperty("java.home"), "bin", "java").pathString

    private val jvm = listOf("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto")

    /** The command that starts the program, with these options of the JVM. */
    fun command(options: List<String>): List<String> =
        listOf(java) + jvm + archiveOptions + options + listOf("-cp", jars.classPath, MAIN)

    private val folder = Path.of("target").toRealPath().resolve("program")
    private val jars = ProgramJars(folder.resolve("lib"))
    private val archive = folder.resolve("classes.jsa")

    private val archiveOptions: List<String>

    init {
        FileChannel.open(folder.resolveSibling("program.lock"), CREATE, WRITE).use {
            it.lock()
            val identity = folder.resolve("identity")
            val current = System.getProperty("java.runtime.version") + "\n" + jars.identity()
            if (!identity.exists() || identity.readText() != current) {
                folder.toFile().deleteRecursively()
                jars.write()
                if (archiveIsPossible()) writeArchive()
                identity.writeText(current)
            }
        }
        archiveOptions =
            if (archive.exists())
                listOf(
                    "-XX:SharedArchiveFile=$archive",
                    "-Xlog:cds*=off",
                    "-XX:+UnlockDiagnosticVMOptions",
                    "-XX:ArchiveRelocationMode=0",
                    "-Demrys.archive=$archive",
                )
            else emptyList()
    }

    /** As the launcher decides it. */
    private fun archiveIsPossible() =
        Runtime.version().feature() >= 24 || folder.pathString.matches(Regex("[A-Za-z0-9/._+-]+"))

    private fun writeArchive() {
        val training = folder.resolve("training").createDirectories()
        val log = folder.resolve("training.log").toFile()
        val builder =
            ProcessBuilder(
                    listOf(java) +
                        jvm +
                        "-XX:ArchiveClassesAtExit=$archive" +
                        listOf("-cp", jars.classPath, ArchiveTraining::class.java.name, "$training")
                )
                .redirectErrorStream(true)
                .redirectOutput(log)
        builder.environment()["EMRYS_STATE"] = "$training"
        builder.environment()["EMRYS_CACHE"] = "${training.resolve("cache")}"
        check(builder.start().waitFor() == 0) { log.readText() }
        training.toFile().deleteRecursively()
    }

    private const val MAIN = "dev.emrys.cli.MainKt"
}
