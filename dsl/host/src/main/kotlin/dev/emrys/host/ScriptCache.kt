package dev.emrys.host

import com.google.common.hash.Hashing
import dev.emrys.language.EmrScript
import dev.emrys.spec.PipelineSpec
import java.io.File
import java.io.IOException
import java.nio.channels.FileChannel
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.StandardCopyOption
import java.nio.file.StandardOpenOption.CREATE
import java.nio.file.StandardOpenOption.WRITE
import java.util.zip.CRC32
import java.util.zip.ZipEntry
import java.util.zip.ZipFile
import java.util.zip.ZipOutputStream

/**
 * Compiled scripts, one jar each, named by everything that went into it. So an entry is never out
 * of date, only unused. Safe for several threads and processes at once: a jar appears whole or not
 * at all.
 */
internal class ScriptCache(
    private val folder: Path,
    private val identity: () -> String = { IDENTITY },
) {
    sealed interface Found {
        class Hit(val script: CompiledScript) : Found

        data object Nothing : Found

        data object Damaged : Found
    }

    /**
     * The name of the entry of a script with this text. The file's own name is not part of it: the
     * compiler never sees it.
     */
    fun key(text: String): String =
        // Not SHA-256: the JDK's takes 20 ms in a new JVM, and who can write a script needs no
        // collision to run something else.
        Hashing.murmur3_128()
            .newHasher()
            .putBytes(identity().toByteArray())
            .putByte(0)
            .putBytes(text.toByteArray())
            .hash()
            .toString()

    fun find(key: String): Found {
        val file = file(key).toFile()
        if (!file.exists()) return Found.Nothing
        return try {
            ZipFile(file).use { zip -> Found.Hit(read(zip)) }
        } catch (_: IOException) {
            Found.Damaged
        } catch (_: IllegalArgumentException) {
            Found.Damaged
        }
    }

    /** @throws IllegalArgumentException when an entry is missing, or is not what was written */
    private fun read(zip: ZipFile): CompiledScript {
        val index = bytes(zip, INDEX).decodeToString().lines()
        val warnings = bytes(zip, WARNINGS).decodeToString().lines().filter { it.isNotEmpty() }
        return CompiledScript(
            index.first(),
            index.drop(1).associateWith { bytes(zip, it) },
            warnings.map(::warning),
            bytes(zip, BLOCKS).decodeToString().lines().filter { it.isNotEmpty() }.map(::block),
        )
    }

    private fun block(line: String): DeclaringBlock {
        val parts = line.split(' ')
        require(parts.size == 2) { "$BLOCKS is damaged" }
        return DeclaringBlock(parts[0], parts[1].toInt())
    }

    private fun warning(line: String): CompilerReport {
        val parts = line.split(' ', limit = 5)
        require(parts.size == 5) { "$WARNINGS is damaged" }
        val (start, column, end, endColumn) = parts.take(4).map { it.toInt() }
        return CompilerReport(parts[4], start, column, end, endColumn)
    }

    private fun line(warning: CompilerReport): String = warning.run {
        "$line $column $endLine $endColumn ${message.replace('\n', ' ')}"
    }

    private fun bytes(zip: ZipFile, name: String): ByteArray {
        val entry = requireNotNull(zip.getEntry(name)) { "no $name" }
        val bytes = zip.getInputStream(entry).use { it.readBytes() }
        require(CRC32().apply { update(bytes) }.value == entry.crc) { "$name is damaged" }
        return bytes
    }

    /**
     * Runs [action] while no other thread or process does it with the same key. Where no lock is
     * possible, without one.
     */
    fun <T> exclusively(key: String, action: () -> T): T =
        synchronized(LOCK) {
            val file = folder.resolve("$key.lock")
            val lock = lock(file) ?: return action()
            try {
                action()
            } finally {
                // Removed before the release: another process that waits for it finds the entry.
                lock.use { file.toFile().delete() }
            }
        }

    private fun lock(file: Path): FileChannel? =
        try {
            Files.createDirectories(folder)
            val channel = FileChannel.open(file, CREATE, WRITE)
            try {
                channel.also { it.lock() }
            } catch (e: IOException) {
                channel.close()
                throw e
            }
        } catch (_: IOException) {
            null
        }

    /** @throws IOException when the folder or the file cannot be written */
    fun put(key: String, script: CompiledScript) {
        Files.createDirectories(folder)
        val temporary = Files.createTempFile(folder, key, ".tmp")
        try {
            ZipOutputStream(Files.newOutputStream(temporary)).use { zip ->
                zip.write(
                    INDEX,
                    (listOf(script.mainClass) + script.classes.keys)
                        .joinToString("\n")
                        .toByteArray(),
                )
                zip.write(
                    WARNINGS,
                    script.warnings.joinToString("\n", transform = ::line).toByteArray(),
                )
                zip.write(
                    BLOCKS,
                    script.blocks.joinToString("\n") { "${it.word} ${it.line}" }.toByteArray(),
                )
                script.classes.forEach { (name, bytes) -> zip.write(name, bytes) }
            }
            Files.move(
                temporary,
                file(key),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING,
            )
        } finally {
            Files.deleteIfExists(temporary)
        }
    }

    private fun ZipOutputStream.write(name: String, bytes: ByteArray) {
        putNextEntry(ZipEntry(name).apply { time = 0 })
        write(bytes)
        closeEntry()
    }

    fun file(key: String): Path = folder.resolve("$key.jar")

    companion object {
        /** A file's lock is one of the process, not of a thread. */
        private val LOCK = Any()

        private const val INDEX = "META-INF/emrys-script"
        private const val WARNINGS = "META-INF/emrys-warnings"
        private const val BLOCKS = "META-INF/emrys-blocks"

        /**
         * What a compiled script depends on besides its text: the form of an entry, the language,
         * the spec and Kotlin.
         */
        private val IDENTITY: String by lazy {
            val classPath =
                listOf(
                        ScriptCache::class.java,
                        EmrScript::class.java,
                        PipelineSpec::class.java,
                        Unit::class.java,
                    )
                    .map { File(it.protectionDomain.codeSource.location.toURI()) }
            "3\n${KotlinVersion.CURRENT}\n" + classPath.joinToString("\n", transform = ::identity)
        }

        fun identity(): String = IDENTITY

        /**
         * By size and time: reading a jar's bytes would cost more than all the rest of a cached
         * load.
         */
        private fun identity(file: File): String {
            val files = if (file.isDirectory) file.walk().filter { it.isFile } else sequenceOf(file)
            return "$file ${files.sumOf { it.length() }} ${files.maxOf { it.lastModified() }}"
        }
    }
}
