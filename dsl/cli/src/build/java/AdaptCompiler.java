import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import org.jetbrains.org.objectweb.asm.ClassReader;
import org.jetbrains.org.objectweb.asm.ClassVisitor;
import org.jetbrains.org.objectweb.asm.ClassWriter;
import org.jetbrains.org.objectweb.asm.FieldVisitor;
import org.jetbrains.org.objectweb.asm.MethodVisitor;
import org.jetbrains.org.objectweb.asm.Opcodes;
import org.jetbrains.org.objectweb.asm.Type;

/**
 * Writes a jar with those classes of the Kotlin compiler's jar that would make a start slow, in a form that does not.
 * The new jar has to be before the compiler's jar on the class path.
 *
 * <ul>
 *   <li>Class files whose version is below 50 are raised to 52. No class-data archive accepts such an old version, and
 *       its verification is slow.
 *   <li>The class that reads the compiler's options no longer loads kotlin-reflect, see {@link WithoutReflection}.
 * </ul>
 *
 * <p>A build step, started from its source with the compiler, which contains ASM, and kotlin-reflect on the class path.
 * Arguments: the compiler's jar, the jar to write. It fails when the compiler has no such class any more, or another
 * one than is expected here.
 */
final class AdaptCompiler {
    /** Java 6: the first version that an archive accepts. */
    private static final int ACCEPTED = 50;

    private AdaptCompiler() {}

    public static void main(String[] arguments) throws IOException, ReflectiveOperationException {
        Path target = Path.of(arguments[1]);
        Path unfinished = Path.of(target + ".tmp");
        try (JarFile compiler = new JarFile(arguments[0]);
                JarOutputStream adapted = new JarOutputStream(Files.newOutputStream(unfinished))) {
            List<JarEntry> classes = compiler.stream()
                    .filter(e -> e.getName().endsWith(".class"))
                    .toList();
            for (JarEntry entry : classes) {
                byte[] classFile = read(compiler, entry);
                if (version(classFile) < ACCEPTED) {
                    raise(entry, classFile, adapted);
                }
            }
            JarEntry options = compiler.getJarEntry(WithoutReflection.CLASS.replace('.', '/') + ".class");
            write(options, WithoutReflection.of(read(compiler, options)), adapted);
        }
        Files.move(unfinished, target, StandardCopyOption.REPLACE_EXISTING);
    }

    private static byte[] read(JarFile jar, JarEntry entry) throws IOException {
        try (InputStream in = jar.getInputStream(entry)) {
            return in.readAllBytes();
        }
    }

    private static int version(byte[] classFile) {
        return (classFile[6] & 0xff) << 8 | classFile[7] & 0xff;
    }

    private static void raise(JarEntry entry, byte[] classFile, JarOutputStream adapted) throws IOException {
        ClassWriter writer = new ClassWriter(ClassWriter.COMPUTE_FRAMES);
        try {
            new ClassReader(classFile).accept(new Raised(writer), ClassReader.SKIP_FRAMES);
        } catch (IllegalArgumentException e) {
            // The instructions JSR and RET, which version 51 and later forbid, as in DescriptorProtos, which compiling
            // a script does not use.
            return;
        }
        write(entry, writer.toByteArray(), adapted);
    }

    private static void write(JarEntry entry, byte[] classFile, JarOutputStream adapted) throws IOException {
        JarEntry copy = new JarEntry(entry.getName());
        // The same sources make the same jar.
        copy.setTime(entry.getTime());
        adapted.putNextEntry(copy);
        adapted.write(classFile);
        adapted.closeEntry();
    }

    private static final class Raised extends ClassVisitor {
        Raised(ClassVisitor next) {
            super(Opcodes.ASM9, next);
        }

        @Override
        public void visit(
                int version, int access, String name, String signature, String superName, String[] interfaces) {
            super.visit(Opcodes.V1_8, access, name, signature, superName, interfaces);
        }
    }

    /**
     * The class that reads the compiler's options, without its two uses of kotlin-reflect, which takes longer to start
     * than a small script to resolve:
     *
     * <ul>
     *   <li>The warning about an option that is redundant is not given; the options of a script are Emrys's own, and
     *       only warnings about unused results are shown.
     *   <li>The names of five options, which its static initializer takes from annotations, are constants.
     * </ul>
     */
    private static final class WithoutReflection extends ClassVisitor {
        static final String CLASS = "org.jetbrains.kotlin.cli.common.ArgumentsKt";

        private static final String CHECK = "checkRedundantArguments";
        private static final String NAME_OF_OPTION = "getCliArgument";

        private final Class<?> original;
        private boolean initialized;
        private boolean checked;

        private WithoutReflection(ClassVisitor next) throws ClassNotFoundException {
            super(Opcodes.ASM9, next);
            original = Class.forName(CLASS);
        }

        static byte[] of(byte[] classFile) throws ClassNotFoundException {
            ClassWriter writer = new ClassWriter(0);
            WithoutReflection adapted = new WithoutReflection(writer);
            new ClassReader(classFile).accept(adapted, 0);
            require(adapted.initialized && adapted.checked, "has no static initializer or no " + CHECK);
            return writer.toByteArray();
        }

        @Override
        public FieldVisitor visitField(int access, String name, String descriptor, String signature, Object value) {
            return super.visitField(access, name, descriptor, signature, value == null ? constant(name) : value);
        }

        private String constant(String field) {
            try {
                var declared = original.getDeclaredField(field);
                declared.setAccessible(true);
                return (String) declared.get(null);
            } catch (ReflectiveOperationException | ClassCastException e) {
                throw new IllegalStateException(CLASS + "." + field + " is no constant", e);
            }
        }

        @Override
        public MethodVisitor visitMethod(
                int access, String name, String descriptor, String signature, String[] exceptions) {
            if (name.equals("<clinit>")) {
                initialized = true;
                return new ConstantsOnly();
            }
            MethodVisitor method = super.visitMethod(access, name, descriptor, signature, exceptions);
            if (!name.equals(CHECK)) {
                return method;
            }
            require(Type.getReturnType(descriptor) == Type.VOID_TYPE, "has another " + CHECK);
            checked = true;
            method.visitCode();
            method.visitInsn(Opcodes.RETURN);
            method.visitMaxs(0, Type.getArgumentsAndReturnSizes(descriptor) >> 2);
            method.visitEnd();
            return null;
        }

        private static void require(boolean condition, String otherwise) {
            if (!condition) {
                throw new IllegalStateException(CLASS + " " + otherwise);
            }
        }

        /** Makes sure that a static initializer does nothing else, so that it can be left out. */
        private static final class ConstantsOnly extends MethodVisitor {
            ConstantsOnly() {
                super(Opcodes.ASM9);
            }

            @Override
            public void visitMethodInsn(int opcode, String owner, String name, String descriptor, boolean isInterface) {
                require(name.equals(NAME_OF_OPTION), "calls " + name + " in its static initializer");
            }
        }
    }
}
