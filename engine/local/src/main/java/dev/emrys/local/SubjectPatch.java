package dev.emrys.local;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import com.google.common.io.ByteStreams;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Enumeration;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import org.jspecify.annotations.Nullable;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/**
 * A jar for the front of the class path, with copies of those classes of Hadoop that call {@code Subject.getSubject},
 * which fails on JDK 24 and later: the copies call {@code Subject.current}, which JDK 18 added for this. Hadoop 3.5
 * does the same itself. A copy of a class needs no Java agent, which all steps would have to be started with.
 *
 * @see <a href="https://openjdk.org/jeps/486">JEP 486: Permanently Disable the Security Manager</a>
 */
final class SubjectPatch {
    private static final String SUBJECT = "javax/security/auth/Subject";
    private static final String GET_SUBJECT = "getSubject";

    /** Where Hadoop's calls are. */
    private static final String PACKAGES = "org/apache/hadoop/security/";

    private SubjectPatch() {}

    /**
     * The jar for a class path. It is written once and kept.
     *
     * @param cache the folder for it
     * @throws LocalSetupException when a jar cannot be read, or the folder cannot be written
     */
    static Path of(List<Path> jars, Path cache) {
        List<Path> hadoop = jars.stream()
                .filter(jar -> String.valueOf(jar.getFileName())
                        .matches("hadoop-(?:common|auth|client-api|client-runtime)-.*\\.jar"))
                .toList();
        try {
            Path patch = cache.resolve("subject-patch-" + hash(hadoop) + ".jar");
            if (!Files.exists(patch)) {
                Files.createDirectories(cache);
                Path temporary = Files.createTempFile(cache, "subject-patch", ".tmp");
                try {
                    write(hadoop, temporary);
                    Files.move(temporary, patch, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
                } finally {
                    Files.deleteIfExists(temporary);
                }
            }
            return patch;
        } catch (IOException e) {
            throw new LocalSetupException("Hadoop cannot be prepared for this JDK: " + e, e);
        }
    }

    private static String hash(List<Path> jars) throws IOException {
        Hasher hasher = Hashing.sha256().newHasher();
        for (Path jar : jars) {
            hasher.putString(jar + " " + Files.size(jar) + "\n", StandardCharsets.UTF_8);
        }
        return hasher.hash().toString().substring(0, 12);
    }

    private static void write(List<Path> jars, Path file) throws IOException {
        try (OutputStream out = Files.newOutputStream(file);
                JarOutputStream patch = new JarOutputStream(out)) {
            for (Path jar : jars) {
                try (JarFile classes = new JarFile(jar.toFile())) {
                    write(classes, patch);
                }
            }
        }
    }

    private static void write(JarFile classes, JarOutputStream patch) throws IOException {
        Enumeration<JarEntry> entries = classes.entries();
        while (entries.hasMoreElements()) {
            String name = entries.nextElement().getName();
            if (name.startsWith(PACKAGES) && name.endsWith(".class")) {
                byte[] patched = patched(read(classes, name));
                if (patched != null) {
                    patch.putNextEntry(new JarEntry(name));
                    patch.write(patched);
                    patch.closeEntry();
                }
            }
        }
    }

    private static byte[] read(JarFile classes, String name) throws IOException {
        try (InputStream in = classes.getInputStream(classes.getJarEntry(name))) {
            return ByteStreams.toByteArray(in);
        }
    }

    /** Null if the class does not call the method. */
    private static byte @Nullable [] patched(byte[] original) {
        ClassReader reader = new ClassReader(original);
        ClassWriter writer = new ClassWriter(reader, 0);
        Calls calls = new Calls(writer);
        reader.accept(calls, 0);
        return calls.found ? writer.toByteArray() : null;
    }

    private static final class Calls extends ClassVisitor {
        private boolean found;

        Calls(ClassVisitor next) {
            super(Opcodes.ASM9, next);
        }

        @Override
        public MethodVisitor visitMethod(
                int access,
                String name,
                String descriptor,
                @Nullable String signature,
                String @Nullable [] exceptions) {
            return new MethodVisitor(api, super.visitMethod(access, name, descriptor, signature, exceptions)) {
                @Override
                public void visitMethodInsn(int opcode, String owner, String method, String type, boolean isInterface) {
                    if (owner.equals(SUBJECT) && method.equals(GET_SUBJECT)) {
                        found = true;
                        // The argument, an access control context.
                        visitInsn(Opcodes.POP);
                        super.visitMethodInsn(opcode, owner, "current", "()L" + SUBJECT + ";", false);
                    } else {
                        super.visitMethodInsn(opcode, owner, method, type, isInterface);
                    }
                }
            };
        }
    }
}
