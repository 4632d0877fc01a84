package dev.emrys.local

import com.google.common.collect.ImmutableList
import com.sun.net.httpserver.HttpServer
import dev.emrys.emulator.StepExit
import dev.emrys.emulator.StepLaunch
import dev.emrys.testing.temporaryFolder
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.maps.shouldHaveSize
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import io.kotest.matchers.types.shouldBeInstanceOf
import io.kotest.matchers.types.shouldNotBeInstanceOf
import java.net.InetAddress
import java.net.InetSocketAddress
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.attribute.FileTime
import java.time.Duration
import java.time.Instant
import java.time.InstantSource

private val NO_PROGRESS = Distributions.Progress.NONE

private const val REPLACED =
    "its steps run on the versions of emr-7.8.0 (Spark 3.5.4, Hadoop 3.4.1)."

/** Repositories that have some versions of Spark. */
private class Repositories(private vararg val versions: String) : DistributionResolver {
    val asked = mutableListOf<String>()
    private val jar = Files.writeString(temporaryFolder("repository").resolve("spark.jar"), "jar")

    override fun resolve(distribution: Distribution, progress: Distributions.Progress) =
        if (distribution.version() in versions) ImmutableList.of(jar)
        else {
            asked += distribution.version()
            throw MissingArtifactsException("g:a:${distribution.version()}", "not there", null)
        }

    override fun identity() = "$jar"
}

/** The versions that the emulator's table has of an application, by label. */
private fun emulated(application: String): Map<String, String> {
    val json =
        Repositories::class.java.getResource("/dev/emrys/emulator/applications.json")!!.readText()
    fun texts(list: String) =
        Regex("null|\"([^\"]*)\"").findAll(list).map { it.groupValues[1] }.toList()
    val names =
        texts(
            Regex("\"applications\": \\[(.*?)]", RegexOption.DOT_MATCHES_ALL)
                .find(json)!!
                .groupValues[1]
        )
    return Regex("\"(emr-[0-9.]+)\":\\s*\\[(.*?)]", RegexOption.DOT_MATCHES_ALL)
        .findAll(json)
        .associate { label ->
            val versions = texts(label.groupValues[2])
            label.groupValues[1] to versions[names.indexOf(application)].substringBefore('-')
        }
}

class ReleaseSparkTest :
    FunSpec({
        test("the versions of labels whose Spark runs on Java 17 are those of EMR") {
            fun runsHere(spark: String): Boolean {
                val (major, minor) = spark.split('.').map { it.toInt() }
                return major == 3 && minor >= 3
            }
            val spark = emulated("Spark").filterValues { runsHere(it) }
            spark shouldHaveSize 26
            emulated("Spark").keys.filter { ReleaseVersions.spark(it).isPresent }.toSet() shouldBe
                spark.keys
            spark.keys.associateWith { ReleaseVersions.spark(it).get() } shouldBe spark
            spark.keys.associateWith { ReleaseVersions.hadoop(it).get() } shouldBe
                emulated("Hadoop").filterKeys { it in spark }
        }

        test("steps run on the Spark of the release label, and what differs of Hadoop is said") {
            val distributions =
                Distributions(temporaryFolder("cache"), Repositories("3.5.1", "3.5.5"))
            fun spark(label: String) = ReleaseSpark.of(label, distributions, NO_PROGRESS)
            spark("emr-7.2.0") shouldBe
                ReleaseSpark(
                    Distribution.spark("3.5.1"),
                    "The release label emr-7.2.0 has Hadoop 3.3.6: its steps run on Spark 3.5.1, as there, " +
                        "and programs of Hadoop on 3.4.1.",
                )
            spark("emr-7.9.0") shouldBe ReleaseSpark(Distribution.spark("3.5.5"), "")
            spark("EMR-7.8.0") shouldBe ReleaseSpark(Distribution.SPARK, "")
            spark("emr-5.36.0") shouldBe
                ReleaseSpark(
                    Distribution.SPARK,
                    "The release label emr-5.36.0 is not emulated: $REPLACED",
                )
        }

        test(
            "where the repositories do not have it another Spark is used, and the reason is said"
        ) {
            val cache = temporaryFolder("cache")
            val repositories = Repositories()
            val distributions = Distributions(cache, repositories)
            // Before anything was asked the label's own is expected.
            ReleaseSpark.expected("emr-7.9.0", { distributions }).warning() shouldBe ""
            val found = ReleaseSpark.of("emr-7.9.0", distributions, NO_PROGRESS)
            found shouldBe
                ReleaseSpark(
                    Distribution.SPARK,
                    "The release label emr-7.9.0 has Spark 3.5.5, which Maven's repositories do not have here " +
                        "(g:a:3.5.5): $REPLACED",
                )
            ReleaseSpark.expected("emr-7.9.0", { Distributions(cache, repositories) }) shouldBe
                found
            // They are asked again a day later.
            ReleaseSpark.of("emr-7.9.0", Distributions(cache, repositories), NO_PROGRESS)
            repositories.asked shouldBe listOf("3.5.5")
            val file =
                Files.list(cache).use { all -> all.filter { "$it".endsWith(".missing") }.toList() }
            Files.setLastModifiedTime(
                file.single(),
                FileTime.from(Instant.now().minus(Duration.ofHours(25))),
            )
            ReleaseSpark.of("emr-7.9.0", Distributions(cache, repositories), NO_PROGRESS)
            repositories.asked shouldBe listOf("3.5.5", "3.5.5")
        }

        test("a repository that does not have a jar is told from one that cannot be reached") {
            val server =
                HttpServer.create(InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0)
            server.createContext("/") { call ->
                call.sendResponseHeaders(404, -1)
                call.close()
            }
            server.start()
            fun settings(port: Int): Path {
                val file = Files.createTempFile("settings", ".xml")
                return Files.writeString(
                    file,
                    """<settings><localRepository>${temporaryFolder("repository")}</localRepository>
                       <mirrors><mirror><id>m</id><mirrorOf>*</mirrorOf>
                       <url>http://127.0.0.1:$port/</url></mirror></mirrors></settings>""",
                )
            }
            fun failure(port: Int) =
                shouldThrow<LocalSetupException> {
                    MavenDistributionResolver(settings(port))
                        .resolve(Distribution.spark("3.5.5"), NO_PROGRESS)
                }
            val old = System.clearProperty("maven.repo.local")
            try {
                failure(server.address.port)
                    .shouldBeInstanceOf<MissingArtifactsException>()
                    .artifact() shouldContain "org.apache.spark:spark-"
                failure(9).shouldNotBeInstanceOf<MissingArtifactsException>()
            } finally {
                old?.let { System.setProperty("maven.repo.local", it) }
                server.stop(0)
            }
        }

        test("a step and the programs of a shell step are Spark 3.5.1 on emr-7.2.0") {
            val account = account()
            LocalStepRunner(account, DISTRIBUTIONS, InstantSource.system()).use { runner ->
                fun step(launch: StepLaunch): Path {
                    val listener = RecordingListener()
                    runner.start(launch, listener)
                    listener.exit(seconds = 500).shouldBeInstanceOf<StepExit.Completed>()
                    return account.step("j-1", launch.stepId())
                }
                val sql =
                    step(
                        launch("s-1", "spark-sql", "-e", "SELECT version()", release = "emr-7.2.0")
                    )
                sql.resolve("stdout").text() shouldContain "3.5.1 "
                sql.resolve("controller").text() shouldContain
                    "its steps run on Spark 3.5.1, as there"
                val shell =
                    step(
                        launch(
                            "s-2",
                            "bash",
                            "-c",
                            "spark-submit --version 2>&1",
                            release = "emr-7.2.0",
                        )
                    )
                shell.resolve("stdout").text() shouldContain "version 3.5.1"
                shell.resolve("stdout").text() shouldNotContain "3.5.4"
            }
        }
    })
