package dev.emrys.journal

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.io.IOException
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.Callable
import java.util.concurrent.Executors
import java.util.concurrent.TimeUnit
import kotlin.io.path.getLastModifiedTime
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.readBytes
import kotlin.io.path.readText
import kotlin.io.path.writeBytes
import org.sqlite.SQLiteConfig

class SqliteLibraryTest :
    FunSpec({
        fun library(folder: Path) = folder.resolve(System.mapLibraryName("sqlitejdbc"))

        test("the library is extracted once, and found again") {
            val cache = tempdir().toPath()
            val folder = SqliteLibrary.install(cache)
            val first = library(folder).getLastModifiedTime()
            SqliteLibrary.install(cache) shouldBe folder
            library(folder).getLastModifiedTime() shouldBe first
            cache.resolve("sqlite").listDirectoryEntries() shouldHaveSize 1
        }

        test("a truncated, changed or missing library is extracted again") {
            val cache = tempdir().toPath()
            val folder = SqliteLibrary.install(cache)
            val whole = library(folder).readBytes()
            val damages: List<() -> Unit> =
                listOf(
                    { library(folder).writeBytes(whole.copyOf(whole.size / 2)) },
                    { library(folder).writeBytes(whole.clone().also { it[whole.size / 2]++ }) },
                    { Files.delete(library(folder)) },
                    { Files.delete(folder.resolve("checksum")) },
                )
            for (damage in damages) {
                damage()
                SqliteLibrary.install(cache) shouldBe folder
                library(folder).readBytes() shouldBe whole
                cache.resolve("sqlite").listDirectoryEntries() shouldHaveSize 1
            }
        }

        test("several who extract it at once all find it complete, also where a damaged one was") {
            val cache = tempdir().toPath()
            val pool = Executors.newFixedThreadPool(8)
            try {
                repeat(20) { round ->
                    val rounds = cache.resolve("$round")
                    if (round % 2 == 1) {
                        library(SqliteLibrary.install(rounds)).writeBytes(ByteArray(round))
                    }
                    val folders =
                        pool.invokeAll(List(8) { Callable { SqliteLibrary.install(rounds) } })
                    val folder = folders.map { it.get() }.toSet().single()
                    val before = library(folder).getLastModifiedTime()
                    SqliteLibrary.install(rounds)
                    library(folder).getLastModifiedTime() shouldBe before
                    rounds.resolve("sqlite").listDirectoryEntries() shouldHaveSize 1
                }
            } finally {
                pool.shutdownNow()
            }
        }

        test("a cache folder that cannot be used is an error of the installation only") {
            val file = tempdir().toPath().resolve("file").also { it.writeBytes(ByteArray(0)) }
            shouldThrow<IOException> { SqliteLibrary.install(file) }
            SqliteLibrary.use(file)
            System.getProperty(SqliteLibrary.PROPERTY) shouldBe null
        }

        test("the driver loads the library from the cache folder, without another copy") {
            val cache = tempdir().toPath()
            val process =
                ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        // Where the driver would extract it to.
                        "-Dorg.sqlite.tmpdir=${cache.resolve("missing")}",
                        "-cp",
                        System.getProperty("java.class.path"),
                        LoadsLibrary::class.java.name,
                        "$cache",
                    )
                    .redirectErrorStream(true)
                    .redirectOutput(cache.resolve("out").toFile())
                    .start()
            process.waitFor(3, TimeUnit.MINUTES) shouldBe true
            cache.resolve("out").readText() shouldContain "connected"
        }
    })

internal object LoadsLibrary {
    @JvmStatic
    fun main(args: Array<String>) {
        SqliteLibrary.use(Path.of(args.single()))
        SQLiteConfig().createConnection("jdbc:sqlite::memory:").use { println("connected") }
    }
}
