package dev.emrys.local

import com.google.common.collect.ImmutableList
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.CompletableFuture
import java.util.concurrent.atomic.AtomicInteger

class ToolkitsTest :
    FunSpec({
        val toolkit = Toolkit("demo", ImmutableList.of("g:a:1"), ImmutableList.of())

        class Counting(private val jar: Path) : ToolkitResolver {
            val asked = AtomicInteger()

            override fun resolve(
                toolkit: Toolkit,
                progress: Toolkits.Progress,
            ): ImmutableList<Path> {
                asked.incrementAndGet()
                Files.writeString(jar, "jar ${asked.get()}")
                return ImmutableList.of(jar)
            }

            override fun identity() = jar.toString()
        }

        fun counting() = Counting(temporary("räpo with space").resolve("a.jar"))

        test("a toolkit is resolved once, and then read from its lock file by whoever comes") {
            val cache = temporary("cache")
            val resolver = counting()
            val first = Toolkits(cache, resolver)
            val jars = first.jars(toolkit, Toolkits.Progress.NONE)
            Toolkits(cache, resolver).jars(toolkit, Toolkits.Progress.NONE) shouldBe jars
            resolver.asked.get() shouldBe 1
        }

        test("a jar that has gone, or has another size, makes it resolve anew") {
            val resolver = counting()
            val toolkits = Toolkits(temporary("cache"), resolver)
            val jar = toolkits.jars(toolkit, Toolkits.Progress.NONE).single()
            Files.delete(jar)
            toolkits.jars(toolkit, Toolkits.Progress.NONE)
            resolver.asked.get() shouldBe 2
            Files.writeString(jar, "cut")
            toolkits.jars(toolkit, Toolkits.Progress.NONE)
            resolver.asked.get() shouldBe 3
        }

        test("a damaged lock file makes it resolve anew") {
            val cache = temporary("cache")
            val resolver = counting()
            Toolkits(cache, resolver).jars(toolkit, Toolkits.Progress.NONE)
            val lock =
                Files.list(cache).use { all ->
                    all.filter { it.fileName.toString().startsWith("demo-") }.findFirst().get()
                }
            Files.writeString(lock, "garbage")
            Toolkits(cache, resolver).jars(toolkit, Toolkits.Progress.NONE)
            resolver.asked.get() shouldBe 2
        }

        test("of several who ask at once one resolves") {
            val cache = temporary("cache")
            val resolver = counting()
            val asked =
                (1..6).map {
                    CompletableFuture.supplyAsync {
                        Toolkits(cache, resolver).jars(toolkit, Toolkits.Progress.NONE)
                    }
                }
            asked.map { it.get() }.toSet().size shouldBe 1
            resolver.asked.get() shouldBe 1
        }

        test("without a network it says what is missing, why, and what to do") {
            val settings = Files.createTempFile("settings", ".xml")
            val repository = temporary("repository")
            Files.writeString(
                settings,
                """<settings><localRepository>$repository</localRepository><mirrors><mirror><id>m</id><mirrorOf>*</mirrorOf>
                   <url>http://127.0.0.1:9/</url></mirror></mirrors></settings>""",
            )
            val old = System.clearProperty("maven.repo.local")
            try {
                val failure =
                    shouldThrow<ToolkitException> {
                        MavenToolkitResolver(settings).resolve(toolkit, Toolkits.Progress.NONE)
                    }
                failure.message shouldContain "(demo) could not be fetched"
                failure.message shouldContain "127.0.0.1:9"
                failure.message shouldContain "Check the network, or name a mirror"
            } finally {
                old?.let { System.setProperty("maven.repo.local", it) }
            }
        }

        test("settings that cannot be read are named") {
            val settings = Files.createTempFile("settings", ".xml")
            Files.writeString(settings, "<settings><oops>")
            // Not before they are needed: who cancels a run needs none.
            val resolver = MavenToolkitResolver(settings)
            shouldThrow<ToolkitException> { resolver.identity() }.message shouldContain
                settings.toString()
        }

        test("a step is seen to need what it runs on") {
            fun needed(jar: String, vararg args: String) =
                Toolkit.neededBy(jar, ImmutableList.copyOf(args))
            needed("command-runner.jar", "spark-submit", "x") shouldBe setOf(Toolkit.SPARK)
            needed("command-runner.jar", "spark-sql", "-f", "x") shouldBe setOf(Toolkit.SPARK)
            needed("command-runner.jar", "hadoop", "fs") shouldBe setOf(Toolkit.HADOOP)
            needed("s3://b/x.jar") shouldBe setOf(Toolkit.HADOOP)
            needed("command-runner.jar", "bash", "-c", "x") shouldBe emptySet()
            needed(
                "s3://r.elasticmapreduce/libs/script-runner/script-runner.jar",
                "s3://x.sh",
            ) shouldBe emptySet()
        }
    })
