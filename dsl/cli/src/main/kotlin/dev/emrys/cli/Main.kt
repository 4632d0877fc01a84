/**
 * The command line. It knows words, terminals and exit codes; it never decides anything about a
 * run, and nobody imports it.
 */
package dev.emrys.cli

import kotlin.system.exitProcess
import picocli.CommandLine

/** Where `emrys` begins. The only `main` that a person starts. */
public fun main(args: Array<String>) {
    findHome()
    exitProcess(run(args))
}

/**
 * A container's user may stand in no passwd file: then a JVM knows no home, though HOME names one.
 */
private fun findHome() {
    val known = System.getProperty("user.home")
    if (known.isNullOrEmpty() || known == "?") {
        val home = System.getenv("HOME")?.takeIf { it.isNotEmpty() }
        System.setProperty("user.home", home ?: System.getProperty("java.io.tmpdir"))
    }
}

/** Runs one command line and returns its exit code. */
internal fun run(args: Array<String>): Int {
    val console = Console()
    val commandLine =
        Subcommands.commandLine(args, Factory(console))
            .setCaseInsensitiveEnumValuesAllowed(true)
            .setUsageHelpAutoWidth(false)
            .setExpandAtFiles(false)
            .setParameterExceptionHandler { failure, _ ->
                console.problem(Misspelled.words(failure))
                val words = failure.commandLine.commandSpec.qualifiedName()
                console.problem("    `$words --help` lists what can be written.")
                ExitCode.MISTAKE.code
            }
            .setExecutionExceptionHandler { failure, _, _ ->
                Failures(console, asksForJson(args)).report(failure)
            }
    val code =
        try {
            commandLine.execute(*args)
        } catch (failure: Throwable) {
            // picocli hands on exceptions only. An error, for want of memory say, comes here.
            Failures(console, asksForJson(args)).report(failure)
        }
    console.finish()
    return told(console, args, code)
}

/** The commands whose whole result is what they print. */
private val TELLERS = setOf("check", "plan", "runs", "show", "logs")

private fun told(console: Console, args: Array<String>, code: Int): Int {
    val lost = console.lost ?: return code
    console.problem("The output could not be written: $lost.")
    return if (code == ExitCode.SUCCEEDED.code && args.firstOrNull() in TELLERS)
        ExitCode.OUTSIDE.code
    else code
}

/** Whether a program reads what is printed: it must read of a failure, too. */
private fun asksForJson(args: Array<String>): Boolean =
    args.any { it.equals("--output=json", ignoreCase = true) } ||
        args.toList().zipWithNext().any { (name, value) ->
            name == "--output" && value.equals("json", ignoreCase = true)
        }

/** Gives every command the one console. */
private class Factory(private val console: Console) : CommandLine.IFactory {
    private val plain = CommandLine.defaultFactory()

    override fun <K : Any?> create(type: Class<K>): K {
        val withConsole =
            type.declaredConstructors.firstOrNull {
                it.parameterTypes.contentEquals(arrayOf(Console::class.java))
            }
        return if (withConsole == null) plain.create(type)
        else type.cast(withConsole.newInstance(console))
    }
}
