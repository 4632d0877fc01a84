package dev.emrys.local

import com.google.common.collect.ImmutableList
import dev.emrys.testing.temporaryFolder
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.CompletableFuture
import java.util.concurrent.atomic.AtomicInteger

class DistributionsTest :
    FunSpec({
        val distribution = Distribution("demo", ImmutableList.of("g:a:1"), ImmutableList.of())

        class Counting(private val jar: Path) : DistributionResolver {
            val asked = AtomicInteger()

            override fun resolve(
                distribution: Distribution,
                progress: Distributions.Progress,
            ): ImmutableList<Path> {
                asked.incrementAndGet()
                Files.writeString(jar, "jar ${asked.get()}")
                return ImmutableList.of(jar)
            }

            override fun identity() = jar.toString()
        }

        fun counting() = Counting(temporaryFolder("räpo with space").resolve("a.jar"))

        test("a distribution is resolved once, and then read from its lock file") {
            val cache = temporaryFolder("cache")
            val resolver = counting()
            val first = Distributions(cache, resolver)
            val jars = first.jars(distribution, Distributions.Progress.NONE)
            Distributions(cache, resolver).jars(distribution, Distributions.Progress.NONE) shouldBe
                jars
            resolver.asked.get() shouldBe 1
            // The lock of the process that resolves is not left there.
            Files.list(cache)
                .use { all -> all.map { "${it.fileName}" }.toList() }
                .single() shouldStartWith "demo-"
        }

        test("a jar that is missing or has another size causes a new resolution") {
            val resolver = counting()
            val distributions = Distributions(temporaryFolder("cache"), resolver)
            val jar = distributions.jars(distribution, Distributions.Progress.NONE).single()
            Files.delete(jar)
            distributions.jars(distribution, Distributions.Progress.NONE)
            resolver.asked.get() shouldBe 2
            Files.writeString(jar, "cut")
            distributions.jars(distribution, Distributions.Progress.NONE)
            resolver.asked.get() shouldBe 3
        }

        test("a damaged lock file causes a new resolution") {
            val cache = temporaryFolder("cache")
            val resolver = counting()
            Distributions(cache, resolver).jars(distribution, Distributions.Progress.NONE)
            val lock =
                Files.list(cache).use { all ->
                    all.filter { it.fileName.toString().startsWith("demo-") }.findFirst().get()
                }
            Files.writeString(lock, "garbage")
            Distributions(cache, resolver).jars(distribution, Distributions.Progress.NONE)
            resolver.asked.get() shouldBe 2
        }

        test("of several concurrent callers one resolves") {
            val cache = temporaryFolder("cache")
            val resolver = counting()
            val asked =
                (1..6).map {
                    CompletableFuture.supplyAsync {
                        Distributions(cache, resolver)
                            .jars(distribution, Distributions.Progress.NONE)
                    }
                }
            asked.map { it.get() }.toSet().size shouldBe 1
            resolver.asked.get() shouldBe 1
        }

        test("without a network the message says what is missing, why, and what to do") {
            val settings = Files.createTempFile("settings", ".xml")
            val repository = temporaryFolder("repository")
            Files.writeString(
                settings,
                """<settings><localRepository>$repository</localRepository><mirrors><mirror><id>m</id><mirrorOf>*</mirrorOf>
                   <url>http://127.0.0.1:9/</url></mirror></mirrors></settings>""",
            )
            val old = System.clearProperty("maven.repo.local")
            try {
                val failure =
                    shouldThrow<LocalSetupException> {
                        MavenDistributionResolver(settings)
                            .resolve(distribution, Distributions.Progress.NONE)
                    }
                failure.message shouldContain "(demo) could not be downloaded"
                failure.message shouldContain "127.0.0.1:9"
                failure.message shouldContain "Check the network, or name a mirror"
            } finally {
                old?.let { System.setProperty("maven.repo.local", it) }
            }
        }

        test("invalid settings are named") {
            val settings = Files.createTempFile("settings", ".xml")
            Files.writeString(settings, "<settings><oops>")
            // They are read when they are first needed.
            val resolver = MavenDistributionResolver(settings)
            shouldThrow<LocalSetupException> { resolver.identity() }.message shouldContain
                settings.toString()
        }

        test("a step needs the distribution that it runs on") {
            fun needed(jar: String, vararg args: String) = Distribution.neededBy(parsed(jar, *args))
            needed("command-runner.jar", "spark-submit", "x") shouldBe setOf(Distribution.SPARK)
            needed("command-runner.jar", "spark-sql", "-f", "x") shouldBe setOf(Distribution.SPARK)
            needed("command-runner.jar", "hive", "-e", "x") shouldBe setOf(Distribution.SPARK)
            needed("command-runner.jar", "bash", "-c", "date; hive -f x.q") shouldBe
                setOf(Distribution.SPARK)
            needed("command-runner.jar", "bash", "-c", "ls hive x").isEmpty() shouldBe true
            needed("command-runner.jar", "hadoop", "fs") shouldBe setOf(Distribution.HADOOP)
            val examples = "/usr/lib/hadoop-mapreduce/hadoop-mapreduce-examples.jar"
            needed("command-runner.jar", "bash", "-c", "cp $examples x") shouldBe
                setOf(Distribution.HADOOP)
            needed("s3://b/x.jar") shouldBe setOf(Distribution.HADOOP)
            needed("command-runner.jar", "bash", "-c", "x") shouldBe emptySet()
            needed(
                "command-runner.jar",
                "bash",
                "-c",
                "hadoop fs -ls / && spark-submit x.jar",
            ) shouldBe setOf(Distribution.SPARK, Distribution.HADOOP)
            needed(
                "s3://r.elasticmapreduce/libs/script-runner/script-runner.jar",
                "s3://x.sh",
            ) shouldBe emptySet()
        }
    })
