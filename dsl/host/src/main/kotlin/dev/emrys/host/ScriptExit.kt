package dev.emrys.host

import java.lang.invoke.MethodHandle
import java.lang.invoke.MethodHandles
import java.lang.invoke.MethodType
import java.lang.reflect.Method
import java.util.concurrent.ConcurrentLinkedQueue

/**
 * What a compiled script calls in place of `System.exit`, `Runtime.exit` and `Runtime.halt`: the
 * process goes on, the call is recorded as an error of the author, and its thread is ended by an
 * exception. Only for compiled scripts. Thread-safe.
 */
public object ScriptExit {
    private val WALKER = StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE)

    @JvmStatic
    public fun exit(status: Int): Unit = refuse(WALKER.callerClass, "System.exit($status)")

    @JvmStatic
    @Suppress("UNUSED_PARAMETER")
    public fun exit(runtime: Runtime, status: Int): Unit =
        refuse(WALKER.callerClass, "Runtime.exit($status)")

    @JvmStatic
    @Suppress("UNUSED_PARAMETER")
    public fun halt(runtime: Runtime, status: Int): Unit =
        refuse(WALKER.callerClass, "Runtime.halt($status)")

    /** Called before a call by reflection. */
    @JvmStatic
    public fun check(method: Method): Unit =
        check(method.declaringClass, method.name, WALKER.callerClass)

    @JvmStatic
    public fun findStatic(
        lookup: MethodHandles.Lookup,
        type: Class<*>,
        name: String,
        form: MethodType,
    ): MethodHandle {
        check(type, name, WALKER.callerClass)
        return lookup.findStatic(type, name, form)
    }

    @JvmStatic
    public fun findVirtual(
        lookup: MethodHandles.Lookup,
        type: Class<*>,
        name: String,
        form: MethodType,
    ): MethodHandle {
        check(type, name, WALKER.callerClass)
        return lookup.findVirtual(type, name, form)
    }

    private fun check(type: Class<*>, name: String, caller: Class<*>) {
        val ends = type == System::class.java || type == Runtime::class.java
        if (ends && (name == "exit" || name == "halt"))
            refuse(caller, "${type.simpleName}.$name by reflection")
    }

    private fun refuse(caller: Class<*>, call: String) {
        val attempt = ExitAttempt(call)
        (caller.classLoader as? ScriptLoader)?.exits?.add(attempt)
        throw attempt
    }
}

/** Thrown in the thread of a script that wants to end the process. */
internal class ExitAttempt(val call: String) :
    Error("A script must not end the process, and calls $call")

/** Defines the classes of one evaluation of a script, and collects what they must not do. */
internal class ScriptLoader(private val script: CompiledScript, parent: ClassLoader) :
    ClassLoader(parent) {
    val exits = ConcurrentLinkedQueue<ExitAttempt>()

    // Each element is only ever set to true, so a race cannot lose anything.
    private val madeBlocks = BooleanArray(script.blocks.size)
    private val ranBlocks = BooleanArray(script.blocks.size)

    fun made(block: Int) {
        madeBlocks[block] = true
    }

    fun ran(block: Int) {
        ranBlocks[block] = true
    }

    /** The blocks whose value was made and which have not run. */
    fun blocksThatDidNotRun(): List<DeclaringBlock> =
        script.blocks.filterIndexed { block, _ -> madeBlocks[block] && !ranBlocks[block] }

    /** A script's own classes first: the parent would open each jar of the class path for them. */
    override fun loadClass(name: String, resolve: Boolean): Class<*> =
        synchronized(getClassLoadingLock(name)) {
            if (CompiledScript.path(name) in script.classes)
                findLoadedClass(name) ?: findClass(name)
            else super.loadClass(name, resolve)
        }

    override fun findClass(name: String): Class<*> {
        val bytes = script.classes[CompiledScript.path(name)] ?: throw ClassNotFoundException(name)
        return defineClass(name, bytes, 0, bytes.size)
    }
}
