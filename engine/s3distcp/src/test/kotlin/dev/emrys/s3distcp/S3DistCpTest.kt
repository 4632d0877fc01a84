package dev.emrys.s3distcp

import dev.emrys.testing.temporaryFolder
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.maps.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import java.io.ByteArrayOutputStream
import java.io.PrintStream
import java.nio.file.Path
import java.util.zip.GZIPInputStream
import java.util.zip.GZIPOutputStream
import kotlin.io.path.createParentDirectories
import kotlin.io.path.exists
import kotlin.io.path.inputStream
import kotlin.io.path.invariantSeparatorsPathString
import kotlin.io.path.isRegularFile
import kotlin.io.path.outputStream
import kotlin.io.path.readText
import kotlin.io.path.relativeTo
import kotlin.io.path.walk
import kotlin.io.path.writeText
import org.apache.hadoop.conf.Configuration
import org.apache.hadoop.util.ToolRunner

/** Buckets and a cluster's HDFS in a folder, and the program over them. */
private class Stores {
    val root: Path = temporaryFolder("emrys-s3distcp")
    var log = ""

    fun put(name: String, text: String) {
        root.resolve(name).createParentDirectories().writeText(text)
    }

    fun zip(name: String, text: String) {
        GZIPOutputStream(root.resolve(name).createParentDirectories().outputStream()).use {
            it.write(text.toByteArray())
        }
    }

    fun unzip(name: String) =
        GZIPInputStream(root.resolve(name).inputStream()).use { String(it.readBytes()) }

    fun text(name: String) = root.resolve(name).readText()

    /** From the path below the folder to the text. */
    fun texts(folder: String): Map<String, String> =
        root
            .resolve(folder)
            .walk()
            .filter { it.isRegularFile() }
            .associate {
                it.relativeTo(root.resolve(folder)).invariantSeparatorsPathString to it.readText()
            }

    fun run(vararg args: String): Int {
        val conf =
            Configuration().apply {
                set("emrys.s3.root", "$root")
                set("fs.defaultFS", "hdfs://cluster")
                set("fs.hdfs.impl", "dev.emrys.s3fs.LocalHdfsFileSystem")
                set("emrys.hdfs.root", "${root.resolve("hdfs")}")
                setBoolean("fs.s3.impl.disable.cache", true)
                setBoolean("fs.hdfs.impl.disable.cache", true)
            }
        val bytes = ByteArrayOutputStream()
        val code =
            PrintStream(bytes, true).use { ToolRunner.run(conf, S3DistCp(it), arrayOf(*args)) }
        log = "$bytes"
        return code
    }
}

class S3DistCpTest :
    FunSpec({
        test("a tree is copied from s3 to hdfs and back, by each form of option") {
            val stores = Stores()
            stores.put("src/a/x.log", "1")
            stores.put("src/a/b/y.log", "2")
            stores.put("src/other", "3")
            stores.run("--src=s3://src/a", "--dest=hdfs:///out") shouldBe 0
            stores.texts("hdfs/out") shouldContainExactly mapOf("x.log" to "1", "b/y.log" to "2")
            stores.run("--src", "hdfs:///out/", "--dest", "s3://back/c") shouldBe 0
            stores.texts("back/c") shouldContainExactly mapOf("x.log" to "1", "b/y.log" to "2")
            stores.log shouldContain "2 files were written to s3://back/c"
        }

        test("a name may have a colon, a space and letters beyond ASCII") {
            val stores = Stores()
            stores.put("src/d/2026-01-01T00:00:00 ä%20.log", "1")
            stores.run("--src=s3://src", "--dest=hdfs:///out") shouldBe 0
            stores.run("--src=hdfs:///out", "--dest=s3://back", "--groupBy=.*/(.*)") shouldBe 0
            stores.texts("back") shouldContainExactly mapOf("d/2026-01-01T00:00:00 ä%20.log" to "1")
        }

        test("a single file is copied into the destination, and an existing file is replaced") {
            val stores = Stores()
            stores.put("src/x", "new")
            stores.put("out/x", "old")
            stores.run("--src=s3://src/x", "--dest=s3://out/") shouldBe 0
            stores.texts("out") shouldContainExactly mapOf("x" to "new")
        }

        test("--srcPattern must match the whole path") {
            val stores = Stores()
            stores.put("src/x.log", "1")
            stores.put("src/x.log.old", "2")
            stores.run("--src=s3://src/", "--dest=s3://out/", "--srcPattern=.*\\.log") shouldBe 0
            stores.texts("out") shouldContainExactly mapOf("x.log" to "1")
        }

        test("--groupBy joins the files whose parentheses match the same, and copies no others") {
            val stores = Stores()
            stores.put("src/d1/2026-01-h1.log", "a")
            stores.put("src/d1/2026-01-h2.log", "b")
            stores.put("src/d1/2026-02-h1.log", "c")
            stores.put("src/d1/readme", "d")
            stores.run(
                "--src=s3://src/",
                "--dest=s3://out/",
                "--groupBy=.*/(\\d+-\\d+)-h\\d(\\.log)",
            ) shouldBe 0
            stores.texts("out") shouldContainExactly
                mapOf("d1/2026-01.log" to "ab", "d1/2026-02.log" to "c")
        }

        test(
            "--targetSize breaks a group into numbered parts, with the number before the extension"
        ) {
            val stores = Stores()
            val text = "x".repeat(700_000)
            (1..5).forEach { stores.put("src/a$it.log", text) }
            stores.run(
                "--src=s3://src",
                "--dest=s3://out",
                "--groupBy=.*/(a)\\d(.log)",
                "--targetSize=1",
            ) shouldBe 0
            stores.texts("out").mapValues { it.value.length } shouldContainExactly
                mapOf("a0.log" to 1_400_000, "a1.log" to 1_400_000, "a2.log" to 700_000)
            stores.run(
                "--src=s3://src",
                "--dest=s3://one",
                "--groupBy=.*/(a)\\d(.log)",
                "--targetSize=9",
            ) shouldBe 0
            stores.texts("one").keys shouldBe setOf("a.log")
        }

        test("--appendToLastFile appends to the last part until it has the target size") {
            val stores = Stores()
            val args =
                arrayOf(
                    "--src=s3://src",
                    "--dest=hdfs:///out",
                    "--groupBy=.*/(a)\\d",
                    "--targetSize=1",
                    "--appendToLastFile",
                )
            fun copy(text: String) {
                stores.put("src/a1", text)
                stores.run(*args) shouldBe 0
            }
            copy("1")
            copy("2")
            stores.texts("hdfs/out") shouldContainExactly mapOf("a" to "12")
            copy("x".repeat(1 shl 20))
            copy("3")
            stores.texts("hdfs/out").mapValues { it.value.length } shouldContainExactly
                mapOf("a" to 2 + (1 shl 20), "a1" to 1)
        }

        test("--appendToLastFile without a group appends to the file of the same name") {
            val stores = Stores()
            stores.put("src/x", "new")
            stores.put("hdfs/out/x", "old ")
            stores.run("--src=s3://src", "--dest=hdfs:///out", "--appendToLastFile") shouldBe 0
            stores.texts("hdfs/out") shouldContainExactly mapOf("x" to "old new")
        }

        test("--outputCodec compresses, decompresses and renames") {
            val stores = Stores()
            stores.put("src/x.log", "plain")
            stores.zip("src/y.log.gz", "zipped")
            stores.run("--src=s3://src", "--dest=s3://zip", "--outputCodec=gz") shouldBe 0
            stores.unzip("zip/x.log.gz") shouldBe "plain"
            stores.unzip("zip/y.log.gz") shouldBe "zipped"
            stores.run("--src=s3://zip", "--dest=s3://none", "--outputCodec=none") shouldBe 0
            stores.texts("none") shouldContainExactly mapOf("x.log" to "plain", "y.log" to "zipped")
            stores.run("--src=s3://none", "--dest=s3://snap", "--outputCodec=snappy") shouldBe 0
            stores.run("--src=s3://snap", "--dest=s3://end", "--outputCodec=none") shouldBe 0
            stores.texts("end") shouldContainExactly mapOf("x.log" to "plain", "y.log" to "zipped")
        }

        test("a group of compressed files is one compressed file, and mixed ones are refused") {
            val stores = Stores()
            stores.zip("src/a1.gz", "one ")
            stores.zip("src/a2.gz", "two")
            stores.run("--src=s3://src", "--dest=s3://out", "--groupBy=.*/(a)\\d.*") shouldBe 0
            stores.unzip("out/a.gz") shouldBe "one two"
            stores.put("src/a3", "plain")
            stores.run("--src=s3://src", "--dest=s3://nix", "--groupBy=.*/(a)\\d.*") shouldBe 1
            stores.log shouldContain "different compressions"
            stores.run(
                "--src=s3://src",
                "--dest=s3://out",
                "--groupBy=.*/(a)\\d.*",
                "--outputCodec=none",
            ) shouldBe 0
            stores.text("out/a") shouldBe "one twoplain"
        }

        test("--deleteOnSuccess deletes what was copied, and nothing else") {
            val stores = Stores()
            stores.put("src/x.log", "1")
            stores.put("src/keep", "2")
            stores.run(
                "--src=s3://src",
                "--dest=s3://out",
                "--srcPattern=.*log",
                "--deleteOnSuccess",
            ) shouldBe 0
            stores.texts("src").keys shouldBe setOf("keep")
            stores.run("--src=s3://out", "--dest=s3://out", "--deleteOnSuccess") shouldBe 0
            stores.texts("out") shouldContainExactly mapOf("x.log" to "1")
        }

        test("nothing is deleted when a file could not be written") {
            val stores = Stores()
            stores.put("src/a", "1")
            stores.put("src/b", "2")
            stores.put("out/a/is-a-folder", "3")
            stores.run("--src=s3://src", "--dest=s3://out", "--deleteOnSuccess") shouldBe 1
            stores.log shouldContain "1 of 2 files could not be written"
            stores.texts("src").keys shouldBe setOf("a", "b")
            stores.text("out/b") shouldBe "2"
        }

        test("--numberFiles prepends numbers from --startingIndex") {
            val stores = Stores()
            stores.put("src/a/x", "1")
            stores.put("src/y", "2")
            stores.run(
                "--src=s3://src",
                "--dest=s3://out",
                "--numberFiles",
                "--startingIndex=7",
            ) shouldBe 0
            stores.texts("out") shouldContainExactly mapOf("a/7x" to "1", "8y" to "2")
        }

        test(
            "a manifest lists the copies, excludes them from the next copy, and can be copied from"
        ) {
            val stores = Stores()
            stores.put("src/x", "1")
            stores.run("--src=s3://src", "--dest=s3://out", "--outputManifest=m1.gz") shouldBe 0
            stores.unzip("out/m1.gz") shouldBe
                """{"path":"s3://out/x","baseName":"x","srcDir":"s3://out","size":1}""" + "\n"
            stores.put("src/y", "2")
            stores.put("src/x", "changed")
            stores.run(
                "--src=s3://src",
                "--dest=s3://out",
                "--outputManifest=m2.gz",
                "--previousManifest=s3://out/m1.gz",
            ) shouldBe 0
            stores.text("out/x") shouldBe "1"
            stores.text("out/y") shouldBe "2"
            stores.unzip("out/m2.gz").lines().filter { it.isNotEmpty() }.size shouldBe 2
            stores.put("out/unlisted", "3")
            stores.run(
                "--src=s3://out",
                "--dest=hdfs:///copy",
                "--copyFromManifest",
                "--previousManifest=s3://out/m2.gz",
            ) shouldBe 0
            stores.texts("hdfs/copy") shouldContainExactly mapOf("x" to "1", "y" to "2")
        }

        test("a previous manifest must exist, unless it is not required") {
            val stores = Stores()
            stores.put("src/x", "1")
            val args =
                arrayOf("--src=s3://src", "--dest=s3://out", "--previousManifest=s3://out/m.gz")
            stores.run(*args) shouldBe 1
            stores.log shouldContain "add --requirePreviousManifest=false"
            stores.run(*args, "--requirePreviousManifest=false") shouldBe 0
        }

        test("--srcPrefixesFile names what is copied, relative to --src") {
            val stores = Stores()
            stores.put("src/a/x", "1")
            stores.put("src/b1/x", "2")
            stores.put("src/b2/x", "3")
            stores.put("src/c/x", "4")
            stores.put("lists/prefixes.txt", "s3://src/a\ns3://src/b\n")
            val args =
                arrayOf(
                    "--src=s3://src/",
                    "--dest=s3://out/",
                    "--srcPrefixesFile=s3://lists/prefixes.txt",
                )
            stores.run(*args) shouldBe 0
            stores.texts("out").keys shouldBe setOf("a/x", "b1/x", "b2/x")
            stores.put("lists/prefixes.txt", "s3://elsewhere/x\n")
            stores.run(*args) shouldBe 1
            stores.log shouldContain "s3://elsewhere/x"
        }

        test("the options of the S3 service are accepted, with a warning") {
            val stores = Stores()
            stores.put("src/x", "1")
            stores.run(
                "--s3Endpoint=s3.amazonaws.com",
                "--src=s3://src",
                "--dest=s3://out",
                "--storageClass=STANDARD",
                "--s3ServerSideEncryption",
                "--disableMultipartUpload",
                "--multipartUploadChunkSize=32",
            ) shouldBe 0
            stores.log.lines().filter { it.startsWith("WARN") }.size shouldBe 5
            stores.log shouldContain "--s3Endpoint has no effect on this machine"
        }

        test("a source without files is copied, and a source that does not exist is an error") {
            val stores = Stores()
            stores.put("src/x", "1")
            stores.run("--src=s3://src", "--dest=s3://out", "--srcPattern=nothing") shouldBe 0
            stores.run("--src=s3://src/none", "--dest=s3://out") shouldBe 1
            stores.log shouldContain "s3://src/none"
        }

        for ((args, message) in
            listOf(
                listOf("--sorce=s3://aaa") to "Unknown option \"--sorce\"",
                listOf("--src=s3://aaa") to "--dest is missing",
                listOf("--src", "--dest", "s3://bbb") to "--src needs a value",
                listOf("--src=s3://aaa", "--dest=s3://bbb", "--groupBy=.*x") to
                    "needs a part in parentheses",
                listOf("--src=s3://aaa", "--dest=s3://bbb", "--groupBy=(") to
                    "is not a regular expression",
                listOf("--src=s3://aaa", "--dest=s3://bbb", "--targetSize=1.5") to
                    "is not an integer from 1",
                listOf("--src=s3://aaa", "--dest=s3://bbb", "--targetSize=0") to
                    "is not an integer from 1",
                listOf("--src=s3://aaa", "--dest=s3://bbb", "--outputCodec=zip") to
                    "Known are gzip",
                listOf("--src=s3://aaa", "--dest=s3://bbb", "--outputCodec=lzo") to
                    "no part of Hadoop",
                listOf("--src=s3://aaa", "--dest=s3://bbb", "--copyFromManifest") to
                    "add --previousManifest",
            )) {
            test("${args.joinToString(" ")} is refused in one line") {
                val stores = Stores()
                stores.run(*args.toTypedArray()) shouldBe 1
                stores.log shouldContain message
                stores.log.trim().lines().size shouldBe 1
            }
        }

        test("a file that cannot be read leaves nothing at the destination") {
            val stores = Stores()
            stores.put("src/x.gz", "not compressed")
            stores.run("--src=s3://src", "--dest=s3://out", "--outputCodec=none") shouldBe 1
            stores.root.resolve("out/x").exists() shouldBe false
            val local = temporaryFolder("emrys-s3distcp-local")
            stores.run("--src=s3://src", "--dest=file:$local", "--outputCodec=none") shouldBe 1
            local.walk().toList() shouldContainExactly emptyList()
            stores.run("--src=s3://src", "--dest=file:$local") shouldBe 0
            local.resolve("x.gz").readText() shouldBe "not compressed"
            stores.log shouldNotContain "ERROR"
        }

        test("two files for one path are refused before anything is copied") {
            val stores = Stores()
            stores.put("src/a", "1")
            stores.zip("src/a.gz", "2")
            stores.run("--src=s3://src", "--dest=s3://out", "--outputCodec=none") shouldBe 1
            stores.log shouldContain "Two files would have the path s3://out/a"
            stores.root.resolve("out").exists() shouldBe false
        }
    })
