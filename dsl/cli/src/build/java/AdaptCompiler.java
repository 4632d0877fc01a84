import java.io.IOException;
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
import org.jetbrains.org.objectweb.asm.Opcodes;

/**
 * Writes a jar with those classes of the Kotlin compiler's jar whose class-file version is below 50, raised to 52. No class-data archive
 * accepts such an old version, and its verification is slow. The new jar has to be before the compiler's jar on the class path.
 *
 * <p>A build step, started from its source with the compiler's jar, which contains ASM, as the class path. Arguments: the compiler's jar, the
 * jar to write.
 */
final class RaiseClassFiles {
    /** Java 6: the first version that an archive accepts. */
    private static final int ACCEPTED = 50;

    private RaiseClassFiles() {}

    public static void main(String[] arguments) throws IOException {
        Path target = Path.of(arguments[1]);
        Path unfinished = Path.of(target + ".tmp");
        try (JarFile compiler = new JarFile(arguments[0]);
                JarOutputStream raised = new JarOutputStream(Files.newOutputStream(unfinished))) {
            List<JarEntry> classes = compiler.stream()
                    .filter(e -> e.getName().endsWith(".class"))
                    .toList();
            for (JarEntry entry : classes) {
                byte[] classFile = compiler.getInputStream(entry).readAllBytes();
                if (version(classFile) < ACCEPTED) {
                    write(entry, classFile, raised);
                }
            }
        }
        Files.move(unfinished, target, StandardCopyOption.REPLACE_EXISTING);
    }

    private static int version(byte[] classFile) {
        return (classFile[6] & 0xff) << 8 | classFile[7] & 0xff;
    }

    private static void write(JarEntry entry, byte[] classFile, JarOutputStream raised) throws IOException {
        ClassWriter writer = new ClassWriter(ClassWriter.COMPUTE_FRAMES);
        try {
            new ClassReader(classFile).accept(new Raised(writer), ClassReader.SKIP_FRAMES);
        } catch (IllegalArgumentException e) {
            // The instructions JSR and RET, which version 51 and later forbid, as in DescriptorProtos, which compiling
            // a script does not use.
            return;
        }
        JarEntry copy = new JarEntry(entry.getName());
        // The same sources make the same jar.
        copy.setTime(entry.getTime());
        raised.putNextEntry(copy);
        raised.write(writer.toByteArray());
        raised.closeEntry();
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
}
