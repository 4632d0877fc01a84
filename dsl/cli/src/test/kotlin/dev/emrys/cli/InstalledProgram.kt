package dev.emrys.cli

import java.nio.channels.FileChannel
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.StandardOpenOption.CREATE
import java.nio.file.StandardOpenOption.WRITE
import kotlin.io.path.ExperimentalPathApi
import kotlin.io.path.createDirectories
import kotlin.io.path.deleteRecursively
import kotlin.io.path.exists
import kotlin.io.path.pathString
import kotlin.io.path.readText
import kotlin.io.path.writeText

/**
 * An installation that all test JVMs of a build share, in `target`. Its programs start with the
 * class-data archive that the launcher has made: they need half of the processor time.
 */
internal object InstalledProgram {
    private val home = home()
    private val launcher = Launcher(home, home.resolve("first"))

    /** The output of the start that made the archive. */
    val firstOut: String
        get() = home.resolve("first-out").readText()

    val firstErr: String
        get() = home.resolve("first-err").readText()

    init {
        FileChannel.open(home.resolveSibling("program.lock"), CREATE, WRITE).use {
            it.lock()
            val identity = home.resolve("identity")
            val current = System.getProperty("java.runtime.version") + "\n" + Launcher.identity()
            if (!identity.exists() || identity.readText() != current) {
                home.toFile().deleteRecursively()
                launcher.install()
                val first = launcher.run("--version") exits ExitCode.SUCCEEDED
                home.resolve("first-out").writeText(first.out)
                home.resolve("first-err").writeText(first.err)
                identity.writeText(current)
            }
        }
    }

    private val archive = launcher.archive

    /** Its launcher, which writes what it prints into [scratch]. */
    fun launcher(scratch: Path) = Launcher(home, scratch)

    /** The command that starts the program as the launcher does, with more options of the JVM. */
    fun command(options: List<String>): List<String> =
        listOf(
            Path.of(System.getProperty("java.home"), "bin", "java").pathString,
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-XX:SharedArchiveFile=$archive",
            "-Xlog:cds*=off",
            "-XX:+UnlockDiagnosticVMOptions",
            "-XX:ArchiveRelocationMode=0",
            "-Demrys.archive=$archive",
        ) + options + listOf("-cp", launcher.classPath, "dev.emrys.cli.MainKt")

    /** Elsewhere where no archive is possible in the folder of the build. */
    private fun home(): Path {
        val here = Path.of("target").toRealPath().resolve("program")
        if (here.pathString.matches(Regex("[A-Za-z0-9/._+-]+"))) return here
        @OptIn(ExperimentalPathApi::class)
        return Files.createTempDirectory("emrys-cli-program-").toRealPath().let { temporary ->
            Runtime.getRuntime().addShutdownHook(Thread { temporary.deleteRecursively() })
            temporary.resolve("program").createDirectories()
        }
    }
}
