package dev.emrys.sqlite

import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.shouldBe
import java.io.File
import java.nio.file.Path
import java.util.concurrent.TimeUnit
import kotlin.io.path.exists
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.readText
import kotlin.io.path.writeText

class LockFileTest :
    FunSpec({
        test("the file is there while the lock is held, and not afterwards") {
            val file = tempdir().toPath().resolve("lock")
            LockFile.tryAcquire(file).get().use { file.exists() shouldBe true }
            file.exists() shouldBe false
            LockFile.acquire(file).close()
            file.exists() shouldBe false
        }

        test("the file of a holder that was killed is locked again, and removed") {
            val file = tempdir().toPath().resolve("lock").also { it.writeText("") }
            LockFile.acquire(file).close()
            file.exists() shouldBe false
        }

        test("a file that replaced the locked one is not removed") {
            val file = tempdir().toPath().resolve("lock")
            LockFile.acquire(file).use {
                file.toFile().delete()
                file.writeText("another's")
                it.identity().isCurrent shouldBe false
            }
            file.readText() shouldBe "another's"
        }

        test("of many processes that lock and release it again and again, one has it at a time") {
            val folder = tempdir().toPath()
            val children = List(4) { LocksOften.start(folder) }
            children.forEach {
                it.waitFor(3, TimeUnit.MINUTES) shouldBe true
                it.exitValue() shouldBe 0
            }
            folder.listDirectoryEntries().shouldBeEmpty()
        }
    })

/** Creates a file that must not exist while it holds the lock, many times. */
internal object LocksOften {
    private const val TIMES = 1_500

    fun start(folder: Path): Process =
        ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                LocksOften::class.java.name,
                "$folder",
            )
            .inheritIO()
            .start()

    @JvmStatic
    fun main(args: Array<String>) {
        val alone = File(args.single(), "alone")
        repeat(TIMES) { turn ->
            val lock = Path.of(args.single(), "lock")
            val held =
                if (turn % 2 == 0) LockFile.acquire(lock)
                else LockFile.tryAcquire(lock).orElse(null)
            held?.use {
                check(alone.createNewFile()) { "two processes hold the lock" }
                check(alone.delete())
            }
        }
    }
}
