package dev.emrys.host

import org.jetbrains.org.objectweb.asm.ClassReader
import org.jetbrains.org.objectweb.asm.ClassVisitor
import org.jetbrains.org.objectweb.asm.ClassWriter
import org.jetbrains.org.objectweb.asm.Handle
import org.jetbrains.org.objectweb.asm.MethodVisitor
import org.jetbrains.org.objectweb.asm.Opcodes

/**
 * Replaces, in the classes of a script, the calls that end the process by calls of [ScriptExit],
 * and has it check what is called by reflection. It runs after the compiler, with the compiler's
 * own copy of ASM; a cached script is already changed.
 */
internal object ExitCalls {
    private const val API = Opcodes.ASM9
    private val GUARD = ScriptExit::class.java.name.replace('.', '/')
    private const val SYSTEM = "java/lang/System"
    private const val RUNTIME = "java/lang/Runtime"
    private const val METHOD = "java/lang/reflect/Method"
    private const val LOOKUP = "java/lang/invoke/MethodHandles\$Lookup"
    private const val FIND =
        "(Ljava/lang/Class;Ljava/lang/String;Ljava/lang/invoke/MethodType;)Ljava/lang/invoke/MethodHandle;"

    fun replacedIn(classFile: ByteArray): ByteArray {
        val reader = ClassReader(classFile)
        val writer = ClassWriter(reader, ClassWriter.COMPUTE_MAXS)
        reader.accept(Classes(writer), 0)
        return writer.toByteArray()
    }

    /**
     * The descriptor of the method of [ScriptExit] with the same name; null for any other method.
     */
    private fun replacement(owner: String, name: String): String? =
        when {
            owner == SYSTEM && name == "exit" -> "(I)V"
            owner == RUNTIME && (name == "exit" || name == "halt") -> "(L$RUNTIME;I)V"
            owner == LOOKUP && (name == "findStatic" || name == "findVirtual") ->
                FIND.replaceFirst("(", "(L$LOOKUP;")
            else -> null
        }

    private class Classes(next: ClassVisitor) : ClassVisitor(API, next) {
        override fun visitMethod(
            access: Int,
            name: String?,
            descriptor: String?,
            signature: String?,
            exceptions: Array<String>?,
        ): MethodVisitor =
            Methods(super.visitMethod(access, name, descriptor, signature, exceptions))
    }

    private class Methods(next: MethodVisitor) : MethodVisitor(API, next) {
        override fun visitMethodInsn(
            opcode: Int,
            owner: String,
            name: String,
            descriptor: String,
            isInterface: Boolean,
        ) {
            if (owner == METHOD && name == "invoke") checkMethod()
            val own = replacement(owner, name)
            if (own == null) super.visitMethodInsn(opcode, owner, name, descriptor, isInterface)
            else super.visitMethodInsn(Opcodes.INVOKESTATIC, GUARD, name, own, false)
        }

        /**
         * The call itself stays, because what it may call depends on the class that it is in. The
         * stack has the method, its object and its arguments, before and after.
         */
        private fun checkMethod() {
            visitInsn(Opcodes.DUP2_X1)
            visitInsn(Opcodes.POP2)
            visitInsn(Opcodes.DUP)
            super.visitMethodInsn(Opcodes.INVOKESTATIC, GUARD, "check", "(L$METHOD;)V", false)
            visitInsn(Opcodes.DUP_X2)
            visitInsn(Opcodes.POP)
        }

        /** A reference such as `System::exit`. */
        override fun visitInvokeDynamicInsn(
            name: String,
            descriptor: String,
            bootstrap: Handle,
            vararg arguments: Any,
        ) {
            val own = arguments.map { if (it is Handle) replaced(it) else it }
            super.visitInvokeDynamicInsn(name, descriptor, bootstrap, *own.toTypedArray())
        }

        private fun replaced(handle: Handle): Handle =
            replacement(handle.owner, handle.name)?.let {
                Handle(Opcodes.H_INVOKESTATIC, GUARD, handle.name, it, false)
            } ?: handle
    }
}
