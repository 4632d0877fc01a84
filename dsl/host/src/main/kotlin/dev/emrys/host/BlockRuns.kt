package dev.emrys.host

/**
 * A block of a script that declares something when it runs.
 *
 * @property word what it declares first, such as `step`
 * @property line the line of that word, or of the call that leads to it
 */
internal data class DeclaringBlock(val word: String, val line: Int)

/** What a compiled script tells of its declaring blocks. Only for compiled scripts. Thread-safe. */
public object BlockRuns {
    /** The value of a block was made. */
    @JvmStatic
    public fun made(script: Class<*>, block: Int) {
        (script.classLoader as? ScriptLoader)?.made(block)
    }

    /** A block began to run. */
    @JvmStatic
    public fun ran(script: Class<*>, block: Int) {
        (script.classLoader as? ScriptLoader)?.ran(block)
    }
}
