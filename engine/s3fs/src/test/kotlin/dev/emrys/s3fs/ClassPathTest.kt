package dev.emrys.s3fs

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.datatest.withTests
import io.kotest.extensions.system.withSystemProperty
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import io.kotest.matchers.types.shouldBeInstanceOf
import java.io.FileNotFoundException
import java.io.IOException
import java.net.URI
import java.util.EnumSet
import kotlin.io.path.isDirectory
import kotlin.io.path.readText
import org.apache.hadoop.conf.Configuration
import org.apache.hadoop.fs.CreateFlag
import org.apache.hadoop.fs.FileContext
import org.apache.hadoop.fs.FileSystem
import org.apache.hadoop.fs.Options
import org.apache.hadoop.fs.Path
import org.apache.hadoop.mapred.JobConf
import org.apache.hadoop.mapreduce.lib.output.FileOutputCommitterFactory
import org.apache.hadoop.mapreduce.lib.output.PathOutputCommitterFactory

class ClassPathTest :
    FunSpec({
        context("the jar alone maps each scheme, in both interfaces of Hadoop") {
            withTests("s3", "s3a", "s3n") { scheme ->
                val store = Store()
                val address = Path("$scheme://bucket/räw/a b")
                FileSystem.get(URI("$scheme://bucket"), store.conf)
                    .shouldBeInstanceOf<LocalS3FileSystem>()
                val fs = store.fs("$scheme://bucket")
                fs.scheme shouldBe scheme
                fs.create(address).use { it.write(65) }
                store.root.resolve("bucket/räw/a b").readText() shouldBe "A"

                val context = FileContext.getFileContext(URI("$scheme://bucket"), store.conf)
                context.open(address).use { it.read() } shouldBe 65
                context.getFileStatus(address).path shouldBe address
                val other = Path("$scheme://bucket/new/b")
                shouldThrow<FileNotFoundException> {
                    context.create(other, EnumSet.of(CreateFlag.CREATE))
                }
                context
                    .create(other, EnumSet.of(CreateFlag.CREATE), Options.CreateOpts.createParent())
                    .use { it.write(66) }
                context.rename(other, address, Options.Rename.OVERWRITE)
                context.open(address).use { it.read() } shouldBe 66
                context.util().exists(other) shouldBe false
                context.delete(Path("$scheme://bucket/räw"), true) shouldBe true
                context.util().exists(address) shouldBe false
            }
        }

        test("MapReduce's committer for s3a is on the class path") {
            PathOutputCommitterFactory.getCommitterFactory(Path("s3a://bucket/out"), JobConf())
                .shouldBeInstanceOf<FileOutputCommitterFactory>()
        }

        test("the end of a local MapReduce job is noticed at once") {
            JobConf().getInt("mapreduce.client.completion.pollinterval", 5000) shouldBe 100
        }

        test("without a root the error says how to set one") {
            val failure =
                shouldThrow<IOException> {
                    FileSystem.newInstance(URI("s3://bucket"), Configuration())
                }
            failure.message shouldContain "emrys.s3.root"
            failure.message shouldContain "EMRYS_S3_ROOT"
        }

        test("the configuration takes precedence over the system property") {
            val byProperty = Store()
            val byConfiguration = Store()
            withSystemProperty(S3Root.SETTING, byProperty.root.toString()) {
                FileSystem.newInstance(URI("s3://bucket"), Configuration()).put("p", "")
                byConfiguration.fs("s3://bucket").put("c", "")
            }
            byProperty.filesOnDisk() shouldBe listOf("bucket/p")
            byConfiguration.filesOnDisk() shouldBe listOf("bucket/c")
        }

        test("the environment variable is used last") {
            val store = Store()
            val child =
                ProcessBuilder(
                    java.io.File(System.getProperty("java.home"), "bin/java").path,
                    "-cp",
                    System.getProperty("java.class.path"),
                    "org.apache.hadoop.fs.FsShell",
                    "-mkdir",
                    "-p",
                    "s3://bucket/e",
                )
            child.environment()[S3Root.VARIABLE] = store.root.toString()
            child.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD)
            child.start().waitFor() shouldBe 0
            store.root.resolve("bucket/e").isDirectory() shouldBe true
        }

        test("a root that is not absolute is rejected") {
            val conf = Configuration().apply { set(S3Root.SETTING, "some/where") }
            shouldThrow<IOException> { FileSystem.newInstance(URI("s3://bucket"), conf) }
                .message shouldContain "not absolute"
        }

        test(
            "an address without a valid bucket is rejected, and the message does not repeat a secret in it"
        ) {
            val store = Store()
            shouldThrow<IOException> { store.fs("s3:///key") }.message shouldContain
                "names no bucket"
            listOf("s3://..", "s3://.emrys-uploads", "s3://a", "s3://b:8020").forEach {
                shouldThrow<IOException> { store.fs(it) }.message shouldContain
                    "cannot be the name of a bucket"
            }
            shouldThrow<IOException> { store.fs("s3://key:hush@bucket") }.message shouldNotContain
                "hush"
        }
    })
