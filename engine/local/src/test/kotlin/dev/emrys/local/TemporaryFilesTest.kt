package dev.emrys.local

import com.google.common.collect.ImmutableList
import com.google.common.collect.ImmutableMap
import dev.emrys.emulator.StepExit
import dev.emrys.emulator.StepLaunch
import dev.emrys.testing.awaitUntil
import dev.emrys.testing.temporaryFolder
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.test.Enabled
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeInstanceOf
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.StandardCopyOption
import java.time.InstantSource
import kotlin.io.path.listDirectoryEntries

private const val EXAMPLES = "/usr/lib/hadoop-mapreduce/hadoop-mapreduce-examples.jar"

/**
 * Gives copies of the jars that every user may read: those of the user who tests may be in a home
 * folder.
 */
private class ReadableJars(private val resolver: DistributionResolver) :
    DistributionResolver by resolver {
    private val folder = temporaryFolder("emrys-jars").withMode("rwxr-xr-x")

    override fun resolve(
        distribution: Distribution,
        progress: Distributions.Progress,
    ): ImmutableList<Path> {
        val jars = resolver.resolve(distribution, progress)
        return ImmutableList.copyOf(
            jars.mapIndexed { number, jar ->
                val copy = Files.createDirectories(folder.resolve("$number")).resolve(jar.fileName)
                Files.copy(jar, copy, StandardCopyOption.REPLACE_EXISTING)
            }
        )
    }
}

/** Where steps have their temporary files, and how long. */
class TemporaryFilesTest :
    FunSpec({
        fun run(runner: LocalStepRunner, launch: StepLaunch) {
            val listener = RecordingListener()
            runner.start(launch, listener)
            listener.exit(seconds = 300).shouldBeInstanceOf<StepExit.Completed>()
        }

        fun Account.temporary(step: String) = step("j-1", step).resolve("tmp")

        fun mapReduce(step: String) = launch(step, "hadoop", "jar", EXAMPLES, "pi", "2", "10")

        test("a step has a folder of mode 0700 for them, which is deleted when it ends") {
            val account = account()
            localStepRunner(account).use { runner ->
                run(runner, bash("s-1", "stat -c %a \"\$TMPDIR\"; mktemp; echo \$TMPDIR"))
                val (mode, file, folder) =
                    account.step("j-1", "s-1").resolve("stdout").text().lines()
                mode shouldBe "700"
                Path.of(file).parent shouldBe account.temporary("s-1")
                folder shouldBe "${account.temporary("s-1")}"
                awaitUntil("its deletion") { !Files.exists(account.temporary("s-1")) }
            }
        }

        test("while a step's process is left they stay, until the cluster ends").config(
            enabledOrReasonIf = {
                if (Files.isDirectory(Path.of("/proc/self"))) Enabled.enabled
                else Enabled.disabled("processes outside of the session are found in /proc")
            }
        ) {
            val account = account()
            localStepRunner(account).use { runner ->
                run(
                    runner,
                    bash("s-1", "mktemp; (setsid sleep 600 < /dev/null > /dev/null 2>&1 &)"),
                )
                // The runner deletes after each step in turn.
                run(runner, bash("s-2", "mktemp"))
                awaitUntil("the deletion of the next step's") {
                    !Files.exists(account.temporary("s-2"))
                }
                account.temporary("s-1").listDirectoryEntries().size shouldBe 1
                runner.clusterEnded("j-1")
                Files.exists(account.temporary("s-1")) shouldBe false
            }
        }

        test("the end of a cluster deletes the configurations, which may contain secrets") {
            val account = account()
            fun classification(name: String) =
                StepLaunch.Classification(name, ImmutableMap.of("a", "hunter2"), ImmutableList.of())
            val configurations = listOf("hive-site", "spark-defaults").map(::classification)
            fun confidential() =
                Files.walk(account.folder()).use { all ->
                    all.filter { Files.isRegularFile(it) && "hunter2" in it.text() }.toList()
                }
            localStepRunner(account).use { runner ->
                run(runner, launch("s-1", "true", configurations = configurations))
                confidential().map { it.fileName.toString() }.sorted() shouldBe
                    listOf("hive-site.xml", "launch.properties")
                runner.clusterEnded("j-1")
                confidential().shouldBeEmpty()
                runner.clusterEnded("j-1")
            }
        }

        test("a link in the temporary files is deleted, and not what it names") {
            val account = account()
            val kept = Files.createFile(temporaryFolder("emrys-kept").resolve("kept"))
            localStepRunner(account).use { runner ->
                run(runner, bash("s-1", "ln -s '${kept.parent}' \"\$TMPDIR/link\""))
                awaitUntil("the deletion") { !Files.exists(account.temporary("s-1")) }
            }
            Files.exists(kept) shouldBe true
        }

        test("MapReduce writes nothing in the folder that all users share") {
            val account = account()
            fun shared() =
                listOf("hadoop", "hadoop/mapred/staging").associateWith { name ->
                    val folder = Path.of("/tmp").resolve(name)
                    if (Files.isDirectory(folder)) Files.getLastModifiedTime(folder) else null
                }
            val before = shared()
            LocalStepRunner(account, DISTRIBUTIONS, InstantSource.system()).use { runner ->
                run(runner, mapReduce("s-1"))
                awaitUntil("the deletion") { !Files.exists(account.temporary("s-1")) }
            }
            shared() shouldBe before
        }

        test(
            "MapReduce runs in an account whose path has a space, and leaves nothing outside of it"
        ) {
            val account = Account(temporaryFolder("emrys account ä").resolve("local"))
            account.create()
            val outputs = MapOutputs.outside(account.cluster("j-1")).get()
            LocalStepRunner(account, DISTRIBUTIONS, InstantSource.system()).use { runner ->
                run(runner, mapReduce("s-1"))
                outputs.mode shouldBe "rwx------"
                runner.clusterEnded("j-1")
            }
            Files.exists(outputs) shouldBe false
        }

        test("after the first user, a second one runs MapReduce too").config(
            enabledOrReasonIf = { onlyAsRoot() }
        ) {
            val readable =
                Distributions(temporaryFolder("cache"), ReadableJars(MavenDistributionResolver()))
            LocalStepRunner(account(), readable, InstantSource.system()).use { runner ->
                run(runner, mapReduce("s-1"))
            }
            // What another user runs for the same step, in an account of that user.
            val second = account()
            val launch = mapReduce("s-2")
            val step = second.step("j-1", "s-2")
            Files.createDirectories(step.resolve("work"))
            ConfigurationFolder.write(
                second.cluster("j-1"),
                second.cluster("j-1").resolve("conf"),
                launch.configurations(),
            )
            val command =
                LaunchCommandFactory(
                        second,
                        ResolvedSoftware(readable, Distribution.RELEASE),
                        launch,
                    )
                    .create(parsed(launch))
            Files.walk(second.folder()).use { all -> all.forEach { it.givenAway() } }
            val words = command.command().joinToString(" ") { ShellWord.quoted(it) }
            asOtherUser("cd '$step/work' && $words 2>&1") shouldContain
                "Estimated value of Pi is 3."
        }
    })
