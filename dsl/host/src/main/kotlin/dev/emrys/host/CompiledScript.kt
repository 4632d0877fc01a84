package dev.emrys.host

/**
 * A compiled script.
 *
 * @property mainClass the binary name of its class
 * @property classes the bytes of all its classes, by path: `Script_emr.class`
 */
internal class CompiledScript(val mainClass: String, val classes: Map<String, ByteArray>) {
    init {
        require(path(mainClass) in classes) { "$mainClass is not among the compiled classes" }
    }

    /**
     * Its class, defined beneath [parent]. From memory: a cached file may be replaced or removed
     * while the script runs.
     */
    fun load(parent: ClassLoader): Class<*> = Loader(this, parent).loadClass(mainClass)

    private class Loader(private val script: CompiledScript, parent: ClassLoader) :
        ClassLoader(parent) {
        override fun findClass(name: String): Class<*> {
            val bytes = script.classes[path(name)] ?: throw ClassNotFoundException(name)
            return defineClass(name, bytes, 0, bytes.size)
        }
    }

    companion object {
        private fun path(className: String) = className.replace('.', '/') + ".class"
    }
}
