/**
 * The command line: commands, terminals and exit codes. It decides nothing about a run, and no
 * other module imports it.
 */
package dev.emrys.cli

import dev.emrys.spec.RuntimeCode
import kotlin.system.exitProcess
import picocli.CommandLine

/** The entry point of `emrys`, and the only `main` that a person starts. */
public fun main(args: Array<String>) {
    // The owner process replaces it before its first logger is created.
    System.setProperty("slf4j.provider", "org.slf4j.nop.NOPServiceProvider")
    System.setProperty("slf4j.internal.verbosity", "WARN")
    // Else picocli looks for Groovy, and opens each jar of the class path to find that there is
    // none.
    System.setProperty("picocli.disable.closures", "true")
    setUserHome()
    exitProcess(execute(args))
}

/**
 * The user of a container may be missing in its passwd file. The JVM then knows no home folder,
 * although HOME names one.
 */
private fun setUserHome() {
    val known = System.getProperty("user.home")
    if (known.isNullOrEmpty() || known == "?") {
        val home = System.getenv("HOME")?.takeIf { it.isNotEmpty() }
        System.setProperty("user.home", home ?: System.getProperty("java.io.tmpdir"))
    }
}

/** Runs one command line and returns its exit code. */
internal fun execute(args: Array<String>, console: Console = Console()): Int {
    val code =
        try {
            commandLine(console, args).execute(*args)
        } catch (failure: Throwable) {
            // picocli handles exceptions only; an Error, such as OutOfMemoryError, arrives here.
            Failures(console, DiagnosticOutput.of(args)).report(failure)
        }
    console.flush()
    return checkOutput(console, args, code)
}

/** The parser of all commands. */
internal fun commandLine(console: Console, args: Array<String> = emptyArray()): CommandLine =
    Subcommands.commandLine(args, CommandFactory(console))
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setUsageHelpAutoWidth(false)
        .setExpandAtFiles(false)
        .setParameterExceptionHandler { failure, _ ->
            Failures(console, DiagnosticOutput.of(args))
                .report(StopException(UsageErrors.diagnostic(failure)))
        }
        .setExecutionExceptionHandler { failure, _, _ ->
            Failures(console, DiagnosticOutput.of(args)).report(failure)
        }

/** The commands whose only result is their output. */
private val QUERY_COMMANDS =
    setOf("check", "plan", "runs", "show", "logs", "schedule", "completion", "version", "help")

private fun checkOutput(console: Console, args: Array<String>, code: Int): Int {
    val failure = console.outputFailure ?: return code
    Failures(console).print(RuntimeCode.OUTPUT_UNWRITTEN.of(failure))
    return if (code == ExitCode.SUCCEEDED.code && args.firstOrNull() in QUERY_COMMANDS)
        ExitCode.EXTERNAL_FAILURE.code
    else code
}

/** Passes the console to every command that takes one. */
private class CommandFactory(private val console: Console) : CommandLine.IFactory {
    private val default = CommandLine.defaultFactory()

    override fun <K : Any?> create(type: Class<K>): K {
        val withConsole =
            type.declaredConstructors.firstOrNull {
                it.parameterTypes.contentEquals(arrayOf(Console::class.java))
            }
        return if (withConsole == null) default.create(type)
        else type.cast(withConsole.newInstance(console))
    }
}
