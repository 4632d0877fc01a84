package dev.emrys.local

import dev.emrys.emulator.StepLaunch
import dev.emrys.testing.temporaryFolder
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.test.Enabled
import io.kotest.matchers.optional.shouldBeEmpty
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.nio.file.Files
import java.nio.file.Path
import java.util.Optional
import java.util.jar.JarFile
import kotlin.io.path.createDirectories
import kotlin.io.path.createFile
import kotlin.io.path.createParentDirectories
import kotlin.io.path.writeText

class StepJvmTest :
    FunSpec({
        fun home(version: String): Path {
            val home = temporaryFolder("emrys-jdk")
            home.resolve("release").writeText("JAVA_VERSION=\"$version\"\n")
            home
                .resolve("bin/java")
                .createParentDirectories()
                .createFile()
                .toFile()
                .setExecutable(true)
            return home
        }
        fun version(wanted: List<Path>, homes: List<Path>) =
            StepJvm.choose(wanted, homes).map { it.version() }

        test(
            "of the JVMs of the machine the first of 17 to 23 is taken, else the first later one"
        ) {
            val (old, eight, later, latest) =
                listOf("17.0.15", "1.8.0_402", "24.0.1", "25").map { home(it) }
            version(listOf(), listOf(eight, latest, later, old)).get() shouldBe 17
            version(listOf(), listOf(eight, latest, later)).get() shouldBe 25
            version(listOf(), listOf(eight)).shouldBeEmpty()
        }

        test("the JVM that is named is taken if it can run steps") {
            val (old, eight, later) = listOf("17.0.15", "1.8.0_402", "24.0.1").map { home(it) }
            version(listOf(later), listOf(old)).get() shouldBe 24
            version(listOf(eight), listOf(old)).get() shouldBe 17
        }

        context("on a JVM of version 24 or later") {
            val account = account()
            val cache = DISTRIBUTIONS.cacheFolder()

            fun output(launch: StepLaunch): String {
                val work = account.step("j-1", launch.stepId()).resolve("work").createDirectories()
                ConfigurationFolder.write(
                    account.cluster("j-1"),
                    account.cluster("j-1").resolve("conf"),
                    launch.configurations(),
                )
                val software =
                    ResolvedSoftware(DISTRIBUTIONS, Distribution.RELEASE) { later().get() }
                val command = LaunchCommandFactory(account, software, launch).create(parsed(launch))
                val out = work.resolve("out").toFile()
                val process =
                    ProcessBuilder(command.command())
                        .directory(work.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(out)
                        .start()
                if (process.waitFor() != 0) {
                    throw AssertionError(out.readText())
                }
                return out.readText()
            }

            test("Hadoop runs").config(enabledOrReasonIf = { onlyWithLaterJdk() }) {
                account.path("s3://bucket/in/a").createParentDirectories().writeText("a b b")
                output(
                    launch(
                        "s-1",
                        "hadoop",
                        "jar",
                        "/usr/lib/hadoop-mapreduce/hadoop-mapreduce-examples.jar",
                        "wordcount",
                        "s3://bucket/in",
                        "s3://bucket/out",
                    )
                )
                account.path("s3://bucket/out/part-r-00000").text() shouldBe "a\t1\nb\t2\n"
                output(launch("s-2", "s3-dist-cp", "--src=s3://bucket/out", "--dest=/copy"))
                output(launch("s-3", "hdfs", "dfs", "-cat", "/copy/part-r-00000")) shouldContain
                    "b\t2"
            }

            test("Pig runs").config(enabledOrReasonIf = { onlyWithLaterJdk() }) {
                account.path("s3://bucket/in/a").createParentDirectories().writeText("a b b")
                output(
                    launch("s-6", "pig", "-e", "a = LOAD 's3://bucket/in'; STORE a INTO '/pig';")
                )
                account.cluster("j-1").resolve("hdfs/pig/part-m-00000").text() shouldBe "a b b\n"
            }

            test("Spark runs").config(enabledOrReasonIf = { onlyWithLaterJdk() }) {
                // One start of Spark: with its tasks, Hive's tables and the metastore service.
                output(
                    launch(
                        "s-5",
                        "spark-sql",
                        "-e",
                        "create table t as select 7 as n; select n + 1 from t",
                    )
                ) shouldContain "8"
            }

            test("the changed classes are those with a user, and are written once") {
                val jars = DISTRIBUTIONS.jars(Distribution.HADOOP, Distributions.Progress.NONE)
                val patch = SubjectPatch.of(jars, cache)
                JarFile(patch.toFile()).use { jar ->
                    jar.entries().asSequence().map { it.name }.toList().toString() shouldContain
                        "org/apache/hadoop/security/UserGroupInformation.class"
                }
                val written = Files.getLastModifiedTime(patch)
                SubjectPatch.of(jars, cache) shouldBe patch
                Files.getLastModifiedTime(patch) shouldBe written
            }
        }
    })

private fun later() =
    Path.of("/usr/lib/jvm")
        .toFile()
        .listFiles()
        .orEmpty()
        .map { StepJvm.choose(listOf(it.toPath()), listOf()) }
        .firstOrNull { it.isPresent && it.get().needsSubjectPatch() } ?: Optional.empty()

private fun onlyWithLaterJdk(): Enabled =
    if (later().isPresent) Enabled.enabled
    else Enabled.disabled("no JDK 24 or later is in /usr/lib/jvm")
