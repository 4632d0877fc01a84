package dev.emrys.s3fs

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import java.io.EOFException
import java.io.FileNotFoundException
import java.io.IOException
import java.net.URI
import java.nio.file.Files
import kotlin.io.path.readText
import kotlin.io.path.writeText
import org.apache.hadoop.fs.FileAlreadyExistsException
import org.apache.hadoop.fs.FileSystem
import org.apache.hadoop.fs.ParentNotDirectoryException
import org.apache.hadoop.fs.Path
import org.apache.hadoop.fs.PathIsNotEmptyDirectoryException
import org.apache.hadoop.fs.permission.FsPermission

class LocalS3FileSystemTest :
    FunSpec({
        val store = Store()
        val fs = store.fs("s3://my-bucket/")

        test("an object is the file root/bucket/key, without a checksum file or a changed mode") {
            fs.put("a/b/c.txt", "hello")
            store.root.resolve("my-bucket/a/b/c.txt").readText() shouldBe "hello"
            fs.setPermission(fs.path("a/b/c.txt"), FsPermission("000"))
            store.filesOnDisk() shouldContainExactly listOf("my-bucket/a/b/c.txt")
            fs.text("a/b/c.txt") shouldBe "hello"
            fs.getFileChecksum(fs.path("a/b/c.txt")).shouldBeNull()
        }

        test("keys may contain spaces, umlauts, per cent signs, colons and emoji") {
            val keys =
                listOf(
                    "a b",
                    "räw/ü",
                    "50%",
                    "%2F%20",
                    "a:b",
                    "2026-01-01T00:00:00Z",
                    "x+y",
                    "日本/🦊",
                    "q?#[]",
                )
            keys.forEach { fs.put("odd/$it", "of $it") }
            keys.forEach { fs.text("odd/$it") shouldBe "of $it" }
            val seen = fs.listFiles(fs.path("odd"), true)
            buildList { while (seen.hasNext()) add(seen.next().path) } shouldContainExactly
                keys.map { fs.path("odd/$it") }.sortedBy { it.toUri().path }
            keys
                .filter { '/' !in it }
                .forEach { store.root.resolve("my-bucket/odd/$it").readText() shouldBe "of $it" }
        }

        test("a status has the s3 address, not that of the file") {
            fs.put("status/x", "12345")
            val status = fs.getFileStatus(Path("s3://my-bucket/status/x"))
            status.path.toString() shouldBe "s3://my-bucket/status/x"
            status.len shouldBe 5
            status.isFile shouldBe true
            status.blockSize shouldBe (32L shl 20)
            fs.listStatus(fs.path("status")).single().path shouldBe status.path
            fs.listStatus(status.path).single().path shouldBe status.path
            fs.getFileStatus(fs.path("status")).isDirectory shouldBe true
            fs.getFileBlockLocations(status, 0, 5).single().length shouldBe 5
        }

        test("a listing is in the order of UTF-8, not of UTF-16") {
            listOf("b", "a", "B", "ä", "\uFFFD", "🦊").forEach { fs.put("order/$it", "") }
            fs.keys("order") shouldContainExactly listOf("B", "a", "b", "ä", "\uFFFD", "🦊")
        }

        test("a path with dots that would leave the bucket is rejected") {
            store.root.resolve("secret").writeText("not yours")
            listOf(
                    "s3://my-bucket/../secret",
                    "s3://my-bucket/a/../../secret",
                    "s3://my-bucket/%2e%2e/secret",
                )
                .forEach {
                    val path = Path(URI.create(it))
                    shouldThrow<IOException> { fs.open(path) }.message shouldContain
                        "would leave its bucket"
                    shouldThrow<IOException> { fs.create(path) }
                    shouldThrow<IOException> { fs.delete(path, true) }
                    shouldThrow<IOException> { fs.rename(fs.path("order/a"), path) }
                }
            store.root.resolve("secret").readText() shouldBe "not yours"
        }

        test("a missing object is named by its address") {
            shouldThrow<FileNotFoundException> { fs.open(fs.path("no/such")) }.message shouldContain
                "s3://my-bucket/no/such"
            val other = store.fs("s3://nowhere")
            listOf<() -> Any>(
                    { other.getFileStatus(Path("s3://nowhere/x")) },
                    { other.open(Path("s3://nowhere/x")) },
                    { other.listStatus(Path("s3://nowhere/x")) },
                )
                .forEach {
                    val message = shouldThrow<FileNotFoundException> { it() }.message
                    message shouldContain "s3://nowhere/x"
                    message shouldContain "there is no bucket \"nowhere\""
                    message shouldNotContain store.root.toString()
                }
            shouldThrow<FileNotFoundException> { other.listStatus(Path("s3://nowhere/")) }
            other.exists(Path("s3://nowhere/")) shouldBe false
        }

        test("the first write creates the bucket") {
            val other = store.fs("s3://new-bucket")
            other.exists(Path("s3://new-bucket/")) shouldBe false
            other.put("k", "v")
            other.keys("") shouldContainExactly listOf("k")
            other.listStatus(Path("s3://new-bucket")).single().path shouldBe
                Path("s3://new-bucket/k")
        }

        test("an object is replaced only when overwriting is requested, and a folder never") {
            fs.put("once/x", "1")
            shouldThrow<FileAlreadyExistsException> { fs.put("once/x", "2", overwrite = false) }
            fs.text("once/x") shouldBe "1"
            fs.put("once/x", "3")
            fs.text("once/x") shouldBe "3"
            shouldThrow<FileAlreadyExistsException> { fs.put("once", "4") }
            shouldThrow<FileAlreadyExistsException> { fs.create(Path("s3://my-bucket/")) }
            shouldThrow<ParentNotDirectoryException> { fs.put("once/x/y", "5") }
            shouldThrow<ParentNotDirectoryException> { fs.mkdirs(fs.path("once/x/y")) }
            shouldThrow<FileAlreadyExistsException> { fs.mkdirs(fs.path("once/x")) }
            fs.exists(fs.path("once/x/y")) shouldBe false
        }

        test("appending is rejected") {
            fs.put("log", "1")
            shouldThrow<UnsupportedOperationException> { fs.append(fs.path("log")) }
            fs.text("log") shouldBe "1"
        }

        test("folders are created with their parents, and may exist already") {
            fs.mkdirs(fs.path("m/n/o")) shouldBe true
            fs.mkdirs(fs.path("m/n/o")) shouldBe true
            fs.getFileStatus(fs.path("m/n/o")).isDirectory shouldBe true
            fs.listStatus(fs.path("m/n/o")).toList().shouldBeEmpty()
        }

        test("a folder that is not empty is deleted only recursively") {
            fs.put("d/e/f", "")
            shouldThrow<PathIsNotEmptyDirectoryException> { fs.delete(fs.path("d"), false) }
            fs.exists(fs.path("d/e/f")) shouldBe true
            fs.delete(fs.path("d"), true) shouldBe true
            fs.exists(fs.path("d")) shouldBe false
            fs.delete(fs.path("d"), true) shouldBe false
            fs.delete(Path("s3://my-bucket/"), true) shouldBe false
            fs.exists(fs.path("log")) shouldBe true
        }

        test("reading can start at any position, also from two threads, but not after the end") {
            fs.put("digits", "0123456789")
            fs.open(fs.path("digits"), 4).use {
                it.seek(7)
                it.read().toChar() shouldBe '7'
                it.pos shouldBe 8
                val far = ByteArray(3)
                it.readFully(2, far)
                far.decodeToString() shouldBe "234"
                it.read().toChar() shouldBe '8'
                it.skip(1) shouldBe 1
                it.read() shouldBe -1
                shouldThrow<EOFException> { it.seek(11) }
                shouldThrow<EOFException> { it.seek(-1) }
            }
            shouldThrow<FileNotFoundException> { fs.open(fs.path("once")) }.message shouldContain
                "is a folder"
        }

        test("bytes read and written are counted, for Spark's and MapReduce's metrics") {
            val before = fs.usedBytes()
            fs.put("counted", "x".repeat(1000))
            fs.text("counted")
            fs.usedBytes().zip(before) { now, was -> now - was } shouldContainExactly
                listOf(1000L, 1000L)
        }

        test("the address of another bucket or scheme is rejected") {
            shouldThrow<IllegalArgumentException> { fs.exists(Path("s3://other-bucket/x")) }
                .message shouldContain "Wrong FS"
            shouldThrow<IllegalArgumentException> { fs.exists(Path("s3a://my-bucket/x")) }
        }

        test("a broken link is not listed, and a listing does not follow a loop") {
            fs.put("links/x", "")
            Files.createSymbolicLink(
                store.root.resolve("my-bucket/links/gone"),
                store.root.resolve("nothing"),
            )
            fs.keys("links") shouldContainExactly listOf("x")
            fs.delete(fs.path("links"), true) shouldBe true
            fs.exists(fs.path("links")) shouldBe false
        }
    })

private fun FileSystem.usedBytes(): List<Long> {
    val all = FileSystem.getGlobalStorageStatistics().get("s3")
    return listOf(all.getLong("bytesRead"), all.getLong("bytesWritten"))
}
