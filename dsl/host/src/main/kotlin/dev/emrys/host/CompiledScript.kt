package dev.emrys.host

/**
 * A compiled script.
 *
 * @property mainClass the binary name of its class
 * @property classes the bytes of all its classes, by path: `Script_emr.class`
 * @property warnings what the compiler reported about unused results
 * @property blocks those that declare something when they run; the classes name them by their index
 */
internal class CompiledScript(
    val mainClass: String,
    val classes: Map<String, ByteArray>,
    val warnings: List<CompilerReport> = emptyList(),
    val blocks: List<DeclaringBlock> = emptyList(),
) {
    init {
        require(path(mainClass) in classes) { "$mainClass is not among the compiled classes" }
    }

    companion object {
        fun path(className: String) = className.replace('.', '/') + ".class"
    }
}
