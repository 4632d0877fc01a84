package dev.emrys.testing

import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.TimeUnit

/** What a program has printed, and its exit code. */
public open class ProgramResult(
    public val exit: Int,
    public val out: String,
    public val err: String,
) {
    /** Both outputs. */
    public val all: String = out + err

    override fun toString(): String = "exit $exit\n--- out\n$out--- err\n$err"
}

/** A program that a test has started, whose two outputs are files. */
public open class StartedProgram(
    public val process: Process,
    private val outFile: Path,
    private val errFile: Path,
) {
    /** What it has printed on standard output so far. */
    public fun out(): String = Files.readString(outFile)

    /** What it has printed on standard error so far. */
    public fun err(): String = Files.readString(errFile)

    /** What it has printed so far. */
    public fun output(): String = err() + out()

    /**
     * Waits for its end.
     *
     * @throws IllegalStateException when it has not ended in time; it is killed then
     */
    public fun awaitExit(seconds: Long = 300): ProgramResult {
        if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor()
            error("it did not end within $seconds s: ${output()}")
        }
        return ProgramResult(process.exitValue(), out(), err())
    }
}
