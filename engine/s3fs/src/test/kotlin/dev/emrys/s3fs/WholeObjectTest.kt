package dev.emrys.s3fs

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.io.File
import java.io.IOException
import java.io.OutputStream
import java.nio.file.Files
import java.nio.file.attribute.FileTime
import java.nio.file.attribute.PosixFilePermissions
import java.time.Duration
import java.time.Instant
import java.util.concurrent.TimeUnit
import kotlin.concurrent.thread
import kotlin.io.path.PathWalkOption
import kotlin.io.path.getPosixFilePermissions
import kotlin.io.path.walk
import kotlin.io.path.writeText
import org.apache.hadoop.conf.Configuration
import org.apache.hadoop.fs.FileAlreadyExistsException
import org.apache.hadoop.fs.FileSystem
import org.apache.hadoop.fs.Path

class WholeObjectTest :
    FunSpec({
        test(
            "an object appears when its writer closes, and the object that it replaces exists until then"
        ) {
            val store = Store()
            val fs = store.fs("s3://bucket")
            fs.put("x", "old")
            val out = fs.create(fs.path("x"))
            out.write("new".toByteArray())
            out.hflush()
            fs.text("x") shouldBe "old"
            val fresh = fs.create(fs.path("deep/y"))
            fresh.write(1)
            fs.exists(fs.path("deep")) shouldBe false
            fs.keys("") shouldContainExactly listOf("x")
            store.uploads() shouldHaveSize 2
            val reader = fs.open(fs.path("x"))
            out.close()
            out.close()
            fresh.close()
            fs.text("x") shouldBe "new"
            reader.use { it.readAllBytes().decodeToString() } shouldBe "old"
            fs.keys("deep") shouldContainExactly listOf("y")
            store.uploads().shouldBeEmpty()
        }

        test("objects, folders and what is being written are for this user only") {
            val store = Store()
            val fs = store.fs("s3://bucket")
            fs.put("a/b", "text")
            fs.mkdirs(fs.path("c/d"))
            fs.create(fs.path("x")).use {
                val modes =
                    store.root
                        .walk(PathWalkOption.INCLUDE_DIRECTORIES)
                        .groupBy(
                            { PosixFilePermissions.toString(it.getPosixFilePermissions()) },
                            {
                                if (it.parent.endsWith(Bucket.UPLOADS)) "upload"
                                else "${store.root.relativize(it)}"
                            },
                        )
                modes.getValue("rw-------") shouldContainExactlyInAnyOrder
                    listOf("bucket/a/b", "upload")
                modes.keys shouldContainExactlyInAnyOrder listOf("rw-------", "rwx------")
            }
        }

        test("an aborted writer leaves no file, and its close does nothing") {
            val store = Store()
            val fs = store.fs("s3://bucket")
            val out = fs.create(fs.path("x"))
            out.write(ByteArray(100_000))
            out.abort().alreadyClosed() shouldBe false
            out.close()
            out.abort().alreadyClosed() shouldBe true
            store.filesOnDisk().shouldBeEmpty()
            shouldThrow<IOException> { out.write(1) }
        }

        test("after a failed write there is no object") {
            val store = Store()
            val full = File("/dev/full")
            val upload = store.root.resolve("upload")
            // The device that is always full, under the name of the upload.
            Files.createSymbolicLink(upload, full.toPath())
            var published = false
            val writer = ObjectWriter("s3://bucket/x", upload, 10) { published = true }
            shouldThrow<IOException> { writer.write(ByteArray(100), 0, 100) }
            shouldThrow<IOException> { writer.close() }
            published shouldBe false
            store.filesOnDisk().shouldBeEmpty()
        }

        test("of two writers without overwrite, the second to close fails") {
            val store = Store()
            val fs = store.fs("s3://bucket")
            val first = fs.create(fs.path("x"), false)
            val second = fs.create(fs.path("x"), false)
            second.write(2)
            first.close()
            shouldThrow<FileAlreadyExistsException> { second.close() }
            fs.getFileStatus(fs.path("x")).len shouldBe 0
            store.uploads().shouldBeEmpty()
        }

        test("a killed writer leaves no partial object in any listing") {
            val store = Store()
            val child =
                ProcessBuilder(
                        File(System.getProperty("java.home"), "bin/java").path,
                        "-cp",
                        System.getProperty("java.class.path"),
                        "-D${S3Root.SETTING}=${store.root}",
                        HalfWriter::class.java.name,
                    )
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start()
            child.inputStream.bufferedReader().readLine() shouldBe "half"
            child.destroyForcibly().waitFor(30, TimeUnit.SECONDS) shouldBe true
            val fs = store.fs("s3://bucket")
            fs.keys("") shouldContainExactly listOf("whole")
            fs.exists(fs.path("half")) shouldBe false
            store.uploads() shouldHaveSize 1
        }

        test(
            "the file of a killed writer is deleted after a week, and unfinished objects are kept"
        ) {
            val store = Store()
            val uploads = Files.createDirectories(store.root.resolve(Bucket.UPLOADS))
            val weekAgo = Instant.now().minus(Bucket.ABANDONED)
            mapOf("old" to -Duration.ofHours(1).seconds, "young" to Duration.ofHours(1).seconds)
                .forEach { (name, age) ->
                    val file = uploads.resolve(name).apply { writeText("half") }
                    Files.setLastModifiedTime(file, FileTime.from(weekAgo.plusSeconds(age)))
                }
            store.fs("s3://bucket").put("x", "")
            store.uploads() shouldContainExactly listOf("${Bucket.UPLOADS}/young")
        }

        test("a reader sees only complete objects while many writers replace them") {
            val store = Store()
            val fs = store.fs("s3://bucket")
            val size = 50_000
            fun OutputStream.fill(letter: Char) = repeat(size) { write(letter.code) }
            fs.create(fs.path("x")).use { it.fill('a') }
            val writers =
                ('a'..'d').map { letter ->
                    thread {
                        repeat(20) { fs.create(fs.path("x")).use { out -> out.fill(letter) } }
                    }
                }
            var reads = 0
            while (writers.any { it.isAlive } || reads == 0) {
                val text = fs.text("x")
                text.length shouldBe size
                text.toSet() shouldHaveSize 1
                reads++
            }
            reads shouldBeGreaterThan 0
            writers.forEach { it.join() }
        }

        test("a bucket on another disk is rejected with a reason") {
            val shm = File("/dev/shm").toPath()
            val store = Store()
            if (
                Files.isDirectory(shm) && Files.getFileStore(shm) != Files.getFileStore(store.root)
            ) {
                val other = Files.createTempDirectory(shm, "bucket")
                Files.createSymbolicLink(store.root.resolve("bucket"), other)
                val fs = store.fs("s3://bucket")
                shouldThrow<IOException> { fs.put("x", "") }.message shouldContain "another disk"
                Files.delete(other)
            }
        }
    })

/** Writes one object and half of another, prints a line, and waits to be killed. */
object HalfWriter {
    @JvmStatic
    fun main(args: Array<String>) {
        val fs = FileSystem.get(java.net.URI("s3://bucket"), Configuration())
        fs.create(Path("s3://bucket/whole")).use { it.write(1) }
        val out = fs.create(Path("s3://bucket/half"))
        out.write(ByteArray(1_000_000))
        out.hflush()
        println("half")
        System.`in`.read()
    }
}
