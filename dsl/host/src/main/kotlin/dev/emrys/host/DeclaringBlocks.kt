package dev.emrys.host

import org.jetbrains.org.objectweb.asm.ClassReader
import org.jetbrains.org.objectweb.asm.ClassVisitor
import org.jetbrains.org.objectweb.asm.ClassWriter
import org.jetbrains.org.objectweb.asm.Handle
import org.jetbrains.org.objectweb.asm.MethodVisitor
import org.jetbrains.org.objectweb.asm.Opcodes
import org.jetbrains.org.objectweb.asm.Type

/**
 * Finds, in the classes of a script, the blocks that declare clusters or tasks when they run, also
 * through functions of the script, and has each tell [BlockRuns] when its value is made and when it
 * runs. A block of an inlined function, such as that of `forEach` of a list, has no value. It runs
 * after the compiler, as [ExitCalls] does; a cached script is already changed.
 */
internal class DeclaringBlocks private constructor(private val classes: Map<String, ByteArray>) {
    /** A method of the script, by owner, name and descriptor. */
    private data class Key(val owner: String, val name: String, val descriptor: String)

    /** What a method calls or makes a value of, in order. */
    private class Code {
        val declared = LinkedHashMap<Int, String>()
        val used = ArrayList<Pair<Key, Int>>()
        val made = ArrayList<Key>()
    }

    /** The script with its marks, and its blocks: their index is their number. */
    class Result(val classes: Map<String, ByteArray>, val blocks: List<DeclaringBlock>)

    private val codes = HashMap<Key, Code>()

    private fun result(): Result {
        classes.values.forEach { ClassReader(it).accept(Reader(), ClassReader.SKIP_FRAMES) }
        val declared = declared()
        val numbers = LinkedHashMap<Key, Int>()
        // Not in the order of a hash map: the same script is compiled to the same bytes.
        codes.values
            .flatMap { it.made }
            .filter { it in declared }
            .sortedBy { "${it.owner}.${it.name}${it.descriptor}" }
            .forEach { numbers.putIfAbsent(it, numbers.size) }
        if (numbers.isEmpty()) return Result(classes, emptyList())
        return Result(
            classes.mapValues { marked(it.value, numbers) },
            numbers.keys.map(declared::getValue),
        )
    }

    /** What each method declares first, itself or by what it uses. */
    private fun declared(): Map<Key, DeclaringBlock> {
        val found = HashMap<Key, DeclaringBlock>()
        codes.forEach { (key, code) ->
            code.declared.entries.firstOrNull()?.let { (line, word) ->
                found[key] = DeclaringBlock(word, line)
            }
        }
        do {
            val more = HashMap<Key, DeclaringBlock>()
            codes.forEach { (key, code) ->
                if (key !in found)
                    code.used
                        .firstOrNull { it.first in found }
                        ?.let { (used, line) ->
                            more[key] = DeclaringBlock(found.getValue(used).word, line)
                        }
            }
            found += more
        } while (more.isNotEmpty())
        return found
    }

    private inner class Reader : ClassVisitor(API) {
        private var owner = ""

        override fun visit(
            version: Int,
            access: Int,
            name: String,
            signature: String?,
            superName: String?,
            interfaces: Array<String>?,
        ) {
            owner = name
        }

        override fun visitMethod(
            access: Int,
            name: String,
            descriptor: String,
            signature: String?,
            exceptions: Array<String>?,
        ): MethodVisitor = Instructions(codes.getOrPut(Key(owner, name, descriptor), ::Code))
    }

    private class Instructions(private val code: Code) : MethodVisitor(API) {
        private var line = 0

        override fun visitLineNumber(
            line: Int,
            start: org.jetbrains.org.objectweb.asm.Label,
        ) {
            this.line = line
        }

        override fun visitMethodInsn(
            opcode: Int,
            owner: String,
            name: String,
            descriptor: String,
            isInterface: Boolean,
        ) {
            // A function with a parameter of an inline class is `wait-…`, one with defaults
            // `…$default`.
            val word = name.substringBefore('-').substringBefore('$')
            if (owner in DECLARING && word in WORDS) code.declared.putIfAbsent(line, word)
            else code.used += Key(owner, name, descriptor) to line
        }

        override fun visitInvokeDynamicInsn(
            name: String,
            descriptor: String,
            bootstrap: Handle,
            vararg arguments: Any,
        ) {
            arguments.filterIsInstance<Handle>().forEach {
                code.used += key(it) to line
                code.made += key(it)
            }
        }
    }

    private fun marked(classFile: ByteArray, numbers: Map<Key, Int>): ByteArray {
        val reader = ClassReader(classFile)
        val writer = ClassWriter(reader, ClassWriter.COMPUTE_MAXS)
        reader.accept(Marks(writer, numbers), 0)
        return writer.toByteArray()
    }

    private class Marks(next: ClassVisitor, private val numbers: Map<Key, Int>) :
        ClassVisitor(API, next) {
        private var owner = ""

        override fun visit(
            version: Int,
            access: Int,
            name: String,
            signature: String?,
            superName: String?,
            interfaces: Array<String>?,
        ) {
            owner = name
            super.visit(version, access, name, signature, superName, interfaces)
        }

        override fun visitMethod(
            access: Int,
            name: String,
            descriptor: String,
            signature: String?,
            exceptions: Array<String>?,
        ): MethodVisitor {
            val next = super.visitMethod(access, name, descriptor, signature, exceptions)
            val ownNumber = numbers[Key(owner, name, descriptor)]
            return object : MethodVisitor(API, next) {
                override fun visitCode() {
                    super.visitCode()
                    ownNumber?.let { tell("ran", it) }
                }

                override fun visitInvokeDynamicInsn(
                    name: String,
                    descriptor: String,
                    bootstrap: Handle,
                    vararg arguments: Any,
                ) {
                    arguments
                        .filterIsInstance<Handle>()
                        .mapNotNull { numbers[key(it)] }
                        .forEach { tell("made", it) }
                    super.visitInvokeDynamicInsn(name, descriptor, bootstrap, *arguments)
                }

                private fun tell(what: String, number: Int) {
                    visitLdcInsn(Type.getObjectType(owner))
                    visitLdcInsn(number)
                    visitMethodInsn(
                        Opcodes.INVOKESTATIC,
                        RUNS,
                        what,
                        "(Ljava/lang/Class;I)V",
                        false,
                    )
                }
            }
        }
    }

    companion object {
        private const val API = Opcodes.ASM9
        private val RUNS = BlockRuns::class.java.name.replace('.', '/')
        private val DECLARING =
            setOf("dev/emrys/language/PipelineScope", "dev/emrys/language/ClusterHandle")
        private val WORDS =
            setOf(
                "step",
                "cluster",
                "sequence",
                "wait",
                "resize",
                "changeStepConcurrency",
                "changeManagedScaling",
                "removeManagedScaling",
                "changeIdleTimeout",
                "removeIdleTimeout",
                "changeTerminationProtection",
                "awaitStep",
                "cancelStep",
                "awaitIdle",
                "awaitEnd",
                "endCluster",
            )

        private fun key(handle: Handle) = Key(handle.owner, handle.name, handle.desc)

        /** @param classes of one script, by path */
        fun markedIn(classes: Map<String, ByteArray>): Result = DeclaringBlocks(classes).result()
    }
}
