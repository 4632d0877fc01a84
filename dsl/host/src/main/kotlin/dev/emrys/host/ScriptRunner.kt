package dev.emrys.host

import dev.emrys.language.Evaluated
import dev.emrys.language.ScriptEvaluation
import dev.emrys.language.ScriptInputs
import dev.emrys.language.ScriptScope
import dev.emrys.spec.Diagnostic
import dev.emrys.spec.HostCode
import dev.emrys.spec.SourceLocation
import java.lang.reflect.InvocationTargetException
import kotlin.time.Duration

/**
 * Runs a compiled script to its end, or until its time is up.
 *
 * @param onExit called in the shutdown of this process when a script ends it in a way that
 *   [ExitCalls] does not see, such as through a library
 */
internal class ScriptRunner(
    private val deadline: Duration,
    private val onExit: (Diagnostic) -> Unit,
) {
    /**
     * The script runs in a thread of its own, which is abandoned when its time is up: a Java thread
     * cannot be stopped. It is a daemon, so that it does not keep the process alive. The classes
     * are defined from memory: a cached file may be replaced or removed while the script runs.
     */
    fun run(script: CompiledScript, inputs: ScriptInputs): Ran {
        val evaluation = ScriptEvaluation(inputs)
        val loader = ScriptLoader(script, ScriptRunner::class.java.classLoader)
        val group = ScriptThreads("script ${inputs.scriptFile}")
        var thrown: Throwable? = null
        val thread =
            Thread(
                group,
                {
                    thrown =
                        try {
                            instantiate(loader.loadClass(script.mainClass), evaluation.scope)
                        } catch (e: Throwable) {
                            e
                        }
                },
                group.name,
                STACK_BYTES,
            )
        thread.isDaemon = true
        thread.contextClassLoader = loader
        val hook = ExitHook(group, evaluation, onExit)
        hook.add()
        thread.start()
        thread.join(deadline.inWholeMilliseconds)
        if (thread.isAlive) {
            val hanging = hanging(thread.stackTrace, evaluation)
            thread.interrupt()
            return Ran(refused(listOf(hanging)), emptyList())
        }
        val left = group.left()
        if (left == null) hook.remove()
        val exit = loader.exits.firstOrNull()?.let { exits(it, evaluation) }
        val cause = thrown
        val evaluated =
            when {
                exit != null -> refused(evaluation.diagnosticsSoFar() + exit)
                cause != null -> refused(evaluation.diagnosticsSoFar() + threw(cause, evaluation))
                left != null ->
                    refused(evaluation.diagnosticsSoFar() + stillRunning(left, evaluation))
                else -> evaluation.finish()
            }
        // A script that failed did not come to the calls of its blocks.
        val isWhole = evaluated.spec != null
        return Ran(evaluated, if (isWhole) loader.blocksThatDidNotRun() else emptyList())
    }

    /**
     * Its constructor is the script. Arguments are chosen by type, because their order depends on
     * the version of the compiler.
     */
    private fun instantiate(type: Class<*>, scope: ScriptScope): Throwable? {
        val constructor = type.constructors.single()
        val arguments =
            constructor.parameterTypes.map { wanted ->
                checkNotNull(scope.takeIf(wanted::isInstance)) {
                    "a compiled script needs a ${wanted.name}"
                }
            }
        return try {
            constructor.newInstance(*arguments.toTypedArray())
            null
        } catch (e: InvocationTargetException) {
            e.targetException
        }
    }

    /** @property notRun the blocks whose value was made and which have not run */
    class Ran(val evaluated: Evaluated, val notRun: List<DeclaringBlock>)

    private fun refused(diagnostics: List<Diagnostic>) = Evaluated(null, emptyList(), diagnostics)

    private fun hanging(stack: Array<StackTraceElement>, evaluation: ScriptEvaluation) =
        HostCode.SCRIPT_TIMEOUT.at(evaluation.location(stack), deadline)

    private fun exits(attempt: ExitAttempt, evaluation: ScriptEvaluation) =
        HostCode.SCRIPT_EXIT.at(
            evaluation.location(attempt.stackTrace),
            attempt.call,
        )

    private fun stillRunning(thread: Thread, evaluation: ScriptEvaluation) =
        HostCode.SCRIPT_THREAD.at(
            evaluation.location(thread.stackTrace),
            thread.name,
        )

    private fun threw(thrown: Throwable, evaluation: ScriptEvaluation): Diagnostic {
        if (isOurs(thrown)) throw thrown
        val location = evaluation.location(thrown.stackTrace)
        if (thrown is StackOverflowError) {
            // The calls are those of the recursion, and the stack is too deep to have the others.
            val line = SourceLocation.at(location.file(), location.line())
            return HostCode.SCRIPT_RECURSION.at(line)
        }
        val message =
            thrown.message?.lines()?.joinToString(" ") { it.trim() }?.trim()?.removeSuffix(".")
        val name = thrown.javaClass.simpleName.ifEmpty { thrown.javaClass.name }
        val what = if (message.isNullOrEmpty()) name else "$name: $message"
        return HostCode.SCRIPT_THREW.at(location, what)
    }

    /**
     * The builders of the language never throw. An exception that begins in them, or in a library
     * that they call, is a bug of Emrys.
     */
    private fun isOurs(thrown: Throwable): Boolean {
        if (thrown is VirtualMachineError) return false
        val culprit =
            thrown.stackTrace.firstOrNull { frame ->
                LIBRARIES.none { frame.className.startsWith(it) }
            }
        return culprit != null && culprit.className.startsWith("dev.emrys.")
    }

    private companion object {
        const val STACK_BYTES = 4L shl 20
        val LIBRARIES = listOf("java.", "javax.", "jdk.", "sun.", "kotlin.", "com.google.")
    }
}
