package dev.emrys.local

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldContainAll
import io.kotest.matchers.collections.shouldNotContain
import io.kotest.matchers.longs.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import java.io.RandomAccessFile
import java.nio.file.Path
import java.util.Optional
import java.util.OptionalLong
import kotlin.io.path.createDirectories
import kotlin.io.path.createParentDirectories
import kotlin.io.path.writeText

private const val C1 = "-XX:TieredStopAtLevel=1"

class JvmTuningTest :
    FunSpec({
        fun flags(input: Long?, vararg authors: String) =
            JvmTuning.ofSpark(
                if (input == null) OptionalLong.empty() else OptionalLong.of(input),
                authors.toList(),
                Optional.empty(),
            )

        test("only a step with little input gives up the optimizing compiler") {
            flags(JvmTuning.SMALL_BYTES).shouldContainAll(C1, "-XX:+UseSerialGC")
            for (input in listOf(JvmTuning.SMALL_BYTES + 1, null)) {
                flags(input) shouldNotContain C1
                flags(input) shouldContain "-XX:+UseParallelGC"
            }
        }

        test("a JVM gets one collector, the author's if there is one") {
            for (authors in listOf("-XX:+UseG1GC", "-XX:+UseParallelGC", "-XX:+UseZGC")) {
                for (input in listOf(1L, null)) {
                    flags(input, "-Da=b", authors).filter { it.endsWith("GC") } shouldBe listOf()
                }
            }
            flags(1, "-XX:+UseStringDeduplication") shouldContain "-XX:+UseSerialGC"
        }

        test("a JVM of this machine starts with each set of options, also with a useless archive") {
            val file = account().folder().createDirectories().resolve("no.jsa")
            file.writeText("no archive")
            for (input in listOf(OptionalLong.of(1), OptionalLong.empty())) {
                val options = JvmTuning.ofSpark(input, listOf(), Optional.of(file))
                val process =
                    ProcessBuilder(
                            listOf(
                                Path.of(System.getProperty("java.home"), "bin/java").toString()
                            ) + options + "--version"
                        )
                        .redirectErrorStream(true)
                        .start()
                val output = process.inputReader().readLines()
                process.waitFor() shouldBe 0
                output.filter { "arning" in it || "rror" in it } shouldBe listOf()
            }
        }

        test("the input of a step is the size of the data that its arguments name") {
            val account = account()
            val hdfs = account.cluster("j-1").resolve("hdfs")
            fun file(path: Path, bytes: Long) {
                RandomAccessFile(path.createParentDirectories().toFile(), "rw").use {
                    it.setLength(bytes)
                }
            }
            fun size(vararg arguments: String) = StepInput.bytes(account, hdfs, arguments.toList())
            file(account.path("s3://data/in/a.csv"), 100)
            file(account.path("s3://data/in/deep/b.csv"), 20)
            file(account.path("s3://data/c.gz"), 10)
            file(account.path("s3://data/job.yaml"), 7)
            file(account.path("s3://data/large/x"), JvmTuning.SMALL_BYTES)
            file(account.path("s3://data/large/y"), 1)
            file(hdfs.resolve("staged/d"), 3)
            size("s3://data/in", "s3://data/out") shouldBe OptionalLong.of(120)
            size("--input=s3://data/in/*.csv", "hdfs:///staged") shouldBe OptionalLong.of(123)
            size("file:" + account.path("s3://data/in/a.csv")) shouldBe OptionalLong.of(100)
            size("s3://data/c.gz") shouldBe OptionalLong.of(50)
            size("s3://data/in", "s3://data/large").asLong shouldBeGreaterThan JvmTuning.SMALL_BYTES
            for (unknown in listOf("10", "s3://data/none", "s3://data/job.yaml", "s3://", "--x=")) {
                size(unknown) shouldBe OptionalLong.empty()
            }
        }

        test("the input of many files is large, without counting all of them") {
            val account = account()
            repeat(1_001) {
                account.path("s3://data/in/$it").createParentDirectories().writeText("")
            }
            StepInput.bytes(account, account.folder(), listOf("s3://data/in")) shouldBe
                OptionalLong.of(Long.MAX_VALUE)
        }
    })
