package dev.emrys.local

import dev.emrys.testing.awaitUntil
import dev.emrys.testing.temporaryFolder
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.optional.shouldBeEmpty
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.io.IOException
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.attribute.FileTime
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit
import kotlin.io.path.exists
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.writeBytes
import kotlin.io.path.writeText

class ClassArchiveTest :
    FunSpec({
        val jvm = StepJvm(Path.of(System.getProperty("java.home"), "bin/java"), 17)
        val jar = temporaryFolder("jars").resolve("a.jar").also { it.writeText("a") }

        fun archive(cache: Path) = ClassArchive(cache, jvm, "spark-3.5.4", listOf(jar))
        fun training(script: String) = ClassArchive.Training { flags, _ ->
            listOf("sh", "-c", script, "training") + flags
        }
        val writes = training("printf archive > \"\${1#*=}\"")

        test("an archive is made once, for this user only, and leaves no other file") {
            val cache = temporaryFolder("cache")
            archive(cache).find().shouldBeEmpty()
            archive(cache).make(writes)
            val made = archive(cache).find().get()
            made.text() shouldBe "archive"
            PrivateFiles.othersMayRead(made) shouldBe false
            archive(cache).make(training("exit 1"))
            cache.listDirectoryEntries().toSet() shouldBe
                setOf(made, made.resolveSibling("${made.fileName}.sum"))
        }

        test("an archive that is incomplete or damaged is not used, and is made again") {
            val cache = temporaryFolder("cache")
            archive(cache).make(writes)
            val made = archive(cache).find().get()
            for (damaged in listOf("archiv", "Archive")) {
                made.toFile().setWritable(true)
                made.writeBytes(damaged.toByteArray())
                archive(cache).find().shouldBeEmpty()
            }
            archive(cache).make(writes)
            archive(cache).find().get().text() shouldBe "archive"
        }

        test("a jar that was changed needs another archive") {
            val cache = temporaryFolder("cache")
            archive(cache).make(writes)
            val before = Files.getLastModifiedTime(jar)
            Files.setLastModifiedTime(jar, FileTime.fromMillis(before.toMillis() + 1000))
            archive(cache).find().shouldBeEmpty()
            Files.setLastModifiedTime(jar, before)
            archive(cache).find().isPresent shouldBe true
            ClassArchive(cache, jvm, "spark-3.5.4", listOf(jar, jar)).find().shouldBeEmpty()
        }

        test("a process that fails, or writes nothing, is an error and leaves no file") {
            val cache = temporaryFolder("cache")
            val failed =
                shouldThrow<IOException> {
                    archive(cache).make(training("echo no space; printf x > \"\${1#*=}\"; exit 3"))
                }
            failed.message shouldContain "exit code 3: no space"
            shouldThrow<IOException> { archive(cache).make(training("true")) }
            cache.listDirectoryEntries().shouldBeEmpty()
        }

        test("four archives of a user leave the newest three, and those of others") {
            val cache = temporaryFolder("cache")
            val foreign = cache.resolve("spark-3.5.4-other_user-0123456789ab.jsa")
            foreign.writeText("")
            val made =
                (1..4).map { count ->
                    val one = ClassArchive(cache, jvm, "spark-3.5.4", List(count) { jar })
                    one.make(writes)
                    one.find().get().also {
                        Files.setLastModifiedTime(it, FileTime.fromMillis(count * 10_000L))
                    }
                }
            made.map { it.exists() } shouldBe listOf(false, true, true, true)
            foreign.exists() shouldBe true
        }

        test("the end of the owner process ends the process that makes the archive") {
            val cache = temporaryFolder("cache")
            val pidFile = temporaryFolder("pid").resolve("pid")
            val maker = ArchiveMaker()
            maker.stepEnded(parsed("command-runner.jar", "spark-submit", "a.jar"), "emr-7.8.0") {
                archive(cache).make(training("echo $$ > '$pidFile'; exec sleep 600"))
            }
            awaitUntil("the process runs") { pidFile.exists() && pidFile.text().endsWith("\n") }
            val process = ProcessHandle.of(pidFile.text().trim().toLong()).get()
            maker.close()
            process.onExit().get(60, TimeUnit.SECONDS)
            awaitUntil("its files are deleted") { cache.listDirectoryEntries().isEmpty() }
        }

        test(
            "an archive is made when the first step of Spark has ended, once for a release label"
        ) {
            val made = CopyOnWriteArrayList<String>()
            val both = CountDownLatch(2)
            ArchiveMaker().use { maker ->
                fun ended(release: String, vararg args: String) =
                    maker.stepEnded(parsed("command-runner.jar", *args), release) {
                        made += release
                        both.countDown()
                    }
                ended("emr-7.8.0", "hadoop", "fs", "-ls", "/")
                ended("emr-7.8.0", "spark-sql", "-e", "select 1")
                ended("emr-7.8.0", "spark-submit", "a.jar")
                ended("emr-7.2.0", "spark-submit", "a.jar")
                both.await(60, TimeUnit.SECONDS) shouldBe true
            }
            made shouldBe listOf("emr-7.8.0", "emr-7.2.0")
        }
    })
