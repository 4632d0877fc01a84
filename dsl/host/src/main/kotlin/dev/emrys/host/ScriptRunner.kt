package dev.emrys.host

import dev.emrys.dsl.EmrScript
import dev.emrys.dsl.Evaluated
import dev.emrys.dsl.ScriptEvaluation
import dev.emrys.dsl.ScriptInputs
import dev.emrys.dsl.ScriptScope
import dev.emrys.spec.Mistake
import dev.emrys.spec.Place
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

    private fun refused(mistakes: List<Mistake>) =
        Evaluated(null, emptyList(), mistakes, emptyList())

    private fun hanging(stack: Array<StackTraceElement>, inputs: ScriptInputs) =
        Mistake(
            place(stack, inputs),
            "The script has not come to its end within $deadline; it is still busy here.",
            "A script only builds a value: look for an endless loop or a wait.",
        )

    private fun threw(thrown: Throwable, inputs: ScriptInputs): Mistake {
        if (isOurs(thrown)) throw thrown
        val message =
            thrown.message?.lines()?.joinToString(" ") { it.trim() }?.trim()?.removeSuffix(".")
        val name = thrown.javaClass.simpleName.ifEmpty { thrown.javaClass.name }
        return Mistake(
            place(thrown.stackTrace, inputs),
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

    private fun place(stack: Array<StackTraceElement>, inputs: ScriptInputs): Place {
        val frame = stack.firstOrNull { it.lineNumber > 0 && it.fileName?.endsWith(SUFFIX) == true }
        return Place.at(inputs.scriptFile, frame?.lineNumber ?: 0)
    }

    private companion object {
        const val SUFFIX = "." + EmrScript.EXTENSION
        const val STACK_BYTES = 4L shl 20
        val LIBRARIES = listOf("java.", "javax.", "jdk.", "sun.", "kotlin.", "com.google.")
    }
}
