package dev.emrys.host

import dev.emrys.language.EmrScript
import dev.emrys.language.Evaluated
import dev.emrys.language.ScriptEvaluation
import dev.emrys.language.ScriptInputs
import dev.emrys.language.ScriptScope
import dev.emrys.spec.Diagnostic
import dev.emrys.spec.SourceLocation
import java.lang.reflect.InvocationTargetException
import kotlin.time.Duration

/** Runs a compiled script to its end, or until its time is up. */
internal class ScriptRunner(private val deadline: Duration) {
    /**
     * The script runs in a thread of its own, which is abandoned when its time is up: nothing stops
     * a Java thread. It is a daemon, so it does not hold the process.
     */
    fun run(script: CompiledScript, inputs: ScriptInputs): Evaluated {
        val evaluation = ScriptEvaluation(inputs)
        val type = script.load(ScriptScope::class.java.classLoader)
        var thrown: Throwable? = null
        val thread =
            Thread(
                null,
                {
                    // Whatever comes before the constructor too: a class that cannot be loaded,
                    // say.
                    thrown =
                        try {
                            instantiate(type, evaluation.scope)
                        } catch (e: Throwable) {
                            e
                        }
                },
                "script ${inputs.scriptFile}",
                STACK_BYTES,
            )
        thread.isDaemon = true
        thread.contextClassLoader = type.classLoader
        thread.start()
        thread.join(deadline.inWholeMilliseconds)
        if (thread.isAlive) {
            val hanging = hanging(thread.stackTrace, inputs)
            thread.interrupt()
            return refused(listOf(hanging))
        }
        return when (val cause = thrown) {
            null -> evaluation.finish()
            else -> refused(evaluation.mistakesSoFar() + threw(cause, inputs))
        }
    }

    /**
     * Its constructor is the script. Arguments go by type: what else it is handed depends on the
     * compiler's version.
     */
    private fun instantiate(type: Class<*>, scope: ScriptScope): Throwable? {
        val constructor = type.constructors.single()
        val arguments =
            constructor.parameterTypes.map { wanted ->
                checkNotNull(scope.takeIf(wanted::isInstance)) {
                    "a compiled script wants a ${wanted.name}"
                }
            }
        return try {
            constructor.newInstance(*arguments.toTypedArray())
            null
        } catch (e: InvocationTargetException) {
            e.targetException
        }
    }

    private fun refused(diagnostics: List<Diagnostic>) =
        Evaluated(null, emptyList(), diagnostics, emptyList())

    private fun hanging(stack: Array<StackTraceElement>, inputs: ScriptInputs) =
        Diagnostic(
            location(stack, inputs),
            "The script has not come to its end within $deadline; it is still busy here.",
            "A script only builds a value: look for an endless loop or a wait.",
        )

    private fun threw(thrown: Throwable, inputs: ScriptInputs): Diagnostic {
        if (isOurs(thrown)) throw thrown
        val message =
            thrown.message?.lines()?.joinToString(" ") { it.trim() }?.trim()?.removeSuffix(".")
        val name = thrown.javaClass.simpleName.ifEmpty { thrown.javaClass.name }
        return Diagnostic(
            location(thrown.stackTrace, inputs),
            "The script threw $name" + if (message.isNullOrEmpty()) "." else ": $message.",
            if (thrown is StackOverflowError) "A function calls itself without end."
            else "Correct the line: a script only builds a value, and must not fail at that.",
        )
    }

    /**
     * A script makes our builders build, never throw: when they do, above the libraries, it is a
     * bug of ours and must be seen as one.
     */
    private fun isOurs(thrown: Throwable): Boolean {
        if (thrown is VirtualMachineError) return false
        val culprit =
            thrown.stackTrace.firstOrNull { frame ->
                LIBRARIES.none { frame.className.startsWith(it) }
            }
        return culprit != null && culprit.className.startsWith("dev.emrys.")
    }

    private fun location(stack: Array<StackTraceElement>, inputs: ScriptInputs): SourceLocation {
        val frame = stack.firstOrNull { it.lineNumber > 0 && it.fileName?.endsWith(SUFFIX) == true }
        return SourceLocation.at(inputs.scriptFile, frame?.lineNumber ?: 0)
    }

    private companion object {
        const val SUFFIX = "." + EmrScript.EXTENSION
        const val STACK_BYTES = 4L shl 20
        val LIBRARIES = listOf("java.", "javax.", "jdk.", "sun.", "kotlin.", "com.google.")
    }
}
