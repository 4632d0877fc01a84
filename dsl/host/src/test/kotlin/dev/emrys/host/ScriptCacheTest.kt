package dev.emrys.host

import dev.emrys.language.EmrScript
import dev.emrys.spec.PipelineSpec
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldEndWith
import io.kotest.matchers.string.shouldStartWith
import io.kotest.matchers.types.shouldBeInstanceOf
import java.io.File
import java.nio.file.Path
import java.util.zip.ZipEntry
import java.util.zip.ZipOutputStream
import kotlin.io.path.fileSize
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.outputStream
import kotlin.io.path.readBytes
import kotlin.io.path.writeBytes
import kotlin.io.path.writeText

/** Loads one script in a process of its own, and prints whether it compiled it. */
object LoadAndTell {
    @JvmStatic
    fun main(args: Array<String>) {
        val loaded = ScriptHost(Path.of(args[0])).load(request(Path.of(args[1])))
        loaded as LoadResult.Ready
        println(if (loaded.fromCache) "from the cache" else "compiled")
    }
}

class ScriptCacheTest :
    FunSpec({
        val folder = tempdir().toPath()
        val cacheFolder = tempdir().toPath()
        val host = ScriptHost(cacheFolder)
        val script = folder.script("cached.emr.kts", fine("cached"))

        fun load() = host.load(request(script)).shouldBeInstanceOf<LoadResult.Ready>()
        fun entry() = cacheFolder.listDirectoryEntries().single()

        val damages =
            mapOf<String, (Path) -> Unit>(
                "cut short" to
                    {
                        it.writeBytes(it.readBytes().copyOf((it.fileSize() / 2).toInt()))
                    },
                "empty" to { it.writeBytes(ByteArray(0)) },
                "garbage" to { it.writeText("not a jar at all") },
                "overwritten in its middle" to
                    { file ->
                        val bytes = file.readBytes()
                        for (i in 150 until 200) bytes[i] = (bytes[i].toInt() xor 0x55).toByte()
                        file.writeBytes(bytes)
                    },
                "not what its checksum says" to
                    { file ->
                        val bytes = file.readBytes()
                        val directory = "PK\u0001\u0002".toByteArray()
                        val at =
                            bytes.indices.first {
                                bytes.copyOfRange(it, it + 4).contentEquals(directory)
                            }
                        bytes[at + 16] = (bytes[at + 16].toInt() xor 1).toByte()
                        file.writeBytes(bytes)
                    },
                "a jar without its classes" to
                    { file ->
                        ZipOutputStream(file.outputStream()).use { zip ->
                            zip.putNextEntry(ZipEntry("META-INF/emrys-script"))
                            zip.write("Script_emr\nScript_emr.class".toByteArray())
                        }
                    },
                "a jar of another program" to
                    { file ->
                        ZipOutputStream(file.outputStream()).use { it.putNextEntry(ZipEntry("x")) }
                    },
            )

        for ((name, damage) in damages) {
            test("an entry that is $name is compiled again and replaced, with a word") {
                load()
                damage(entry())
                val again = load()
                again.fromCache shouldBe false
                again.warnings.single().what() shouldContain "was damaged"
                val healed = load()
                healed.fromCache shouldBe true
                healed.warnings.shouldBeEmpty()
            }
        }

        test("of several processes that need a new script at once, one compiles it") {
            val fresh = folder.script("shared.emr.kts", fine("shared"))
            val shared = tempdir().toPath()
            val processes =
                List(3) {
                    ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                            "-XX:TieredStopAtLevel=1",
                            "-cp",
                            System.getProperty("java.class.path"),
                            LoadAndTell::class.java.name,
                            "$shared",
                            "$fresh",
                        )
                        .redirectErrorStream(true)
                        .start()
                }
            processes
                .map { it.inputStream.bufferedReader().readText().trim() }
                .shouldContainExactlyInAnyOrder("compiled", "from the cache", "from the cache")
            shared.listDirectoryEntries().single().name shouldEndWith ".jar"
        }

        test("only whole jars stay in the folder, named by a hash") {
            load()
            Regex("[0-9a-f]{32}\\.jar").matches(entry().name) shouldBe true
        }

        test("a folder that cannot be written costs a compilation each time, and a word") {
            val blocked = folder.resolve("a-file").also { it.writeText("") }
            repeat(2) {
                val loaded =
                    ScriptHost(blocked.resolve("cache"))
                        .load(request(script))
                        .shouldBeInstanceOf<LoadResult.Ready>()
                loaded.fromCache shouldBe false
                loaded.warnings.single().what() shouldStartWith
                    "The compiled script cannot be kept: "
            }
        }

        test("another version, another Kotlin or another class path is another entry") {
            val folder = tempdir().toPath()
            val now = ScriptCache(folder)
            val after = ScriptCache(folder) { "an upgrade" }
            (now.key("a") == after.key("a")) shouldBe false
            now.put(now.key("a"), CompiledScript("A", mapOf("A.class" to byteArrayOf(1))))
            now.find(now.key("a")).shouldBeInstanceOf<ScriptCache.Found.Hit>()
            after.find(after.key("a")) shouldBe ScriptCache.Found.Nothing
        }

        test("what a compiled script depends on is in the name of its entry") {
            val identity = ScriptCache.identity()
            identity shouldContain KotlinVersion.CURRENT.toString()
            for (type in
                listOf(ScriptCache::class, EmrScript::class, PipelineSpec::class, Unit::class)) {
                identity shouldContain
                    File(type.java.protectionDomain.codeSource.location.toURI()).toString()
            }
        }

        test("another text is another entry, and the text decides alone") {
            val cache = ScriptCache(folder)
            cache.key("a") shouldBe ScriptCache(cacheFolder).key("a")
            (cache.key("a") == cache.key("b")) shouldBe false
        }
    })
