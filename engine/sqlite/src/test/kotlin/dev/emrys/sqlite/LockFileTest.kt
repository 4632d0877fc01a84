package dev.emrys.sqlite

import io.kotest.assertions.nondeterministic.eventually
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.nulls.shouldNotBeNull
import io.kotest.matchers.optional.shouldBeEmpty
import io.kotest.matchers.shouldBe
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.attribute.FileTime
import java.nio.file.attribute.PosixFilePermissions
import java.util.concurrent.CompletableFuture
import java.util.concurrent.TimeUnit
import kotlin.io.path.createFile
import kotlin.io.path.deleteExisting
import kotlin.io.path.exists
import kotlin.io.path.fileSize
import kotlin.io.path.getPosixFilePermissions
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.readText
import kotlin.io.path.setLastModifiedTime
import kotlin.io.path.writeText
import kotlin.time.Duration.Companion.seconds

class LockFileTest :
    FunSpec({
        fun path(name: String = "lock"): Path = tempdir().toPath().resolve(name)

        /** Whether another process gets the lock. */
        fun Path.isFree(): Boolean = LockProcess("once", "$this").use { it.line() == "acquired" }

        test("the file is there while the lock is held, and nothing is left afterwards") {
            val file = path()
            val private =
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
            repeat(2) {
                ProcessLock.tryAcquire(file, private).get().use { lock ->
                    lock.identity().isCurrent shouldBe true
                    file.parent.listDirectoryEntries() shouldBe listOf(file)
                    PosixFilePermissions.toString(file.getPosixFilePermissions()) shouldBe
                        "rw-------"
                    file.isFree() shouldBe false
                }
                file.parent.listDirectoryEntries().shouldBeEmpty()
            }
            file.isFree() shouldBe true
        }

        test("the file of a killed process is locked again, and removed") {
            val file = path()
            LockProcess("hold", "$file").use { it.line() shouldBe "acquired" }
            file.exists() shouldBe true
            ProcessLock.acquire(file).close()
            file.exists() shouldBe false
        }

        test("a lock on a file that was removed after it was opened does not count") {
            val file = path()
            LockFile.open(file).use { late ->
                ProcessLock.acquire(file).close()
                LockFile.open(file).use { next ->
                    late.channel().tryLock().shouldNotBeNull().use {
                        late.isCurrent shouldBe false
                    }
                    next.isCurrent shouldBe true
                }
            }
            file.exists() shouldBe false
        }

        test("the file stays while another process has a lock in it") {
            val file = path()
            LockProcess("hold a byte", "$file").use { other ->
                other.line() shouldBe "acquired"
                LockFile.open(file).use { it.channel().tryLock(0, 1, false).shouldBeNull() }
                LockFile.open(file).use {
                    it.channel().tryLock(7, 1, false).shouldNotBeNull().release()
                }
                file.exists() shouldBe true
                other.proceed()
                eventually(20.seconds) { file.exists() shouldBe false }
            }
        }

        test("a file that replaced the locked one is not removed") {
            val file = path()
            ProcessLock.acquire(file).use {
                file.deleteExisting()
                file.writeText("another's")
                it.identity().isCurrent shouldBe false
            }
            file.readText() shouldBe "another's"
        }

        test("the empty file of an older version is locked, and stays") {
            val file = path().createFile()
            ProcessLock.acquire(file).use {
                it.identity().isCurrent shouldBe true
                file.isFree() shouldBe false
            }
            file.fileSize() shouldBe 0
            file.isFree() shouldBe true
        }

        test("a file whose modification time another program changed is locked, and stays") {
            val file = path()
            LockProcess("hold", "$file").use { it.line() shouldBe "acquired" }
            file.setLastModifiedTime(FileTime.fromMillis(0))
            ProcessLock.acquire(file).use { file.isFree() shouldBe false }
            file.isFree() shouldBe true
            file.exists() shouldBe true
        }

        test("a modification time that changes while the file is open does not matter") {
            val file = path()
            ProcessLock.acquire(file).use {
                // By another process: this one would open and close the file, and drop its lock.
                ProcessBuilder("touch", "$file").start().waitFor() shouldBe 0
                it.identity().isCurrent shouldBe true
                file.isFree() shouldBe false
            }
            file.exists() shouldBe false
        }

        test("where the file cannot be created beside its place, it is created empty, and stays") {
            // With a number after it, the name would be longer than 255 bytes.
            val file = path("l".repeat(255))
            ProcessLock.acquire(file).use {
                file.fileSize() shouldBe 0
                file.isFree() shouldBe false
            }
            file.isFree() shouldBe true
            file.exists() shouldBe true
        }

        test("a symbolic link to a file that is missing is followed") {
            val file = path()
            val target = path("target")
            Files.createSymbolicLink(file, target)
            ProcessLock.acquire(file).use { file.isFree() shouldBe false }
            target.exists() shouldBe true
        }

        test("a second thread does not get the lock, and does not end it") {
            val file = path()
            val link = path("link")
            Files.createSymbolicLink(link, file.parent)
            val other: CompletableFuture<ProcessLock>
            ProcessLock.acquire(file).use {
                ProcessLock.tryAcquire(link.resolve("lock")).shouldBeEmpty()
                other = CompletableFuture.supplyAsync { ProcessLock.acquire(file) }
                file.isFree() shouldBe false
                other.isDone shouldBe false
            }
            other.get(20, TimeUnit.SECONDS).use { file.isFree() shouldBe false }
            file.exists() shouldBe false
        }

        test(
            "of many processes that lock and release again and again, one has the lock at a time"
        ) {
            val file = path()
            val seconds = Integer.getInteger("emrys.locks.seconds", 4)
            val processes = List(4) { LockProcess("often", "$file", "$seconds") }
            val counts = processes.map { it.line(seconds + 60L) }
            processes.forEach { it.close() }
            println("Lock rounds of each process in $seconds s: $counts")
            counts.forEach { it.shouldNotBeNull().toInt() shouldBeGreaterThan 100 }
            file.parent.listDirectoryEntries().shouldBeEmpty()
        }
    })
