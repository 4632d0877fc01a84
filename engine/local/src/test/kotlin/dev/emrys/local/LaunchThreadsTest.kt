package dev.emrys.local

import com.google.common.collect.ImmutableList
import dev.emrys.emulator.StepExit
import dev.emrys.emulator.StepLaunch
import dev.emrys.testing.awaitUntil
import dev.emrys.testing.temporaryFolder
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf
import java.nio.file.Files
import java.nio.file.Path
import java.time.InstantSource
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CountDownLatch
import java.util.concurrent.Executor
import java.util.concurrent.TimeUnit

/** A registry that answers when the test wants it. */
private class SlowRegistry(private val interruptible: Boolean) : DistributionResolver {
    val asked = CountDownLatch(1)
    val answer = CountDownLatch(1)
    val interrupted = CompletableFuture<Boolean>()

    override fun resolve(
        distribution: Distribution,
        progress: Distributions.Progress,
    ): ImmutableList<Path> {
        asked.countDown()
        while (true) {
            try {
                answer.await()
                break
            } catch (e: InterruptedException) {
                interrupted.complete(true)
                if (interruptible) throw LocalSetupException("interrupted", e)
            }
        }
        val jar = temporaryFolder("jars").resolve("hadoop.jar")
        return ImmutableList.of(Files.write(jar, byteArrayOf(1)))
    }

    override fun identity() = "slow"

    fun awaitAsked() {
        asked.await(60, TimeUnit.SECONDS) shouldBe true
    }
}

private fun runner(account: Account, registry: DistributionResolver) =
    LocalStepRunner(
        account,
        Distributions(temporaryFolder("cache"), registry),
        InstantSource.system(),
    )

/** The command of this step needs the registry. */
private val STEP = launch("s-1", "hadoop", "fs", "-ls", "/")

private fun LocalStepRunner.started(launch: StepLaunch) =
    RecordingListener().also { start(launch, it) }

private fun Account.startsOf(stepId: String) =
    step("j-1", stepId).resolve("controller").text().lines().count { " Starting " in it }

class LaunchThreadsTest :
    FunSpec({
        test("while a step waits for the registry, those of other clusters run and are cancelled") {
            val account = account()
            val registry = SlowRegistry(interruptible = true)
            runner(account, registry).use { runner ->
                val waiting = runner.started(STEP)
                registry.awaitAsked()
                runner
                    .started(bash("s-2", "true", cluster = "j-2"))
                    .exit()
                    .shouldBeInstanceOf<StepExit.Completed>()
                val long = runner.started(bash("s-3", "sleep 600", cluster = "j-2"))
                long.awaitRunning()
                runner.cancel("j-2", "s-3", true)
                long.exit().shouldBeInstanceOf<StepExit.Cancelled>()
                waiting.hasEnded shouldBe false
                registry.answer.countDown()
                // It has started: there is no Hadoop in the jar.
                waiting.exit().shouldBeInstanceOf<StepExit.Failed>().reason() shouldBe
                    "Exit code 1."
            }
            account.startsOf("s-1") shouldBe 1
        }

        test("a step that is cancelled while it waits ends the waiting, and does not start") {
            val account = account()
            val registry = SlowRegistry(interruptible = true)
            runner(account, registry).use { runner ->
                val waiting = runner.started(STEP)
                registry.awaitAsked()
                val next = runner.started(bash("s-2", "true"))
                runner.cancel("j-1", "s-1", false)
                waiting.exit().shouldBeInstanceOf<StepExit.Cancelled>()
                registry.interrupted.get(60, TimeUnit.SECONDS) shouldBe true
                next.exit().shouldBeInstanceOf<StepExit.Completed>()
            }
            Files.exists(account.step("j-1", "s-1").resolve("stdout")) shouldBe false
        }

        test("also where the waiting does not end; then the end of the cluster waits for it") {
            val account = account()
            val registry = SlowRegistry(interruptible = false)
            runner(account, registry).use { runner ->
                val waiting = runner.started(STEP)
                registry.awaitAsked()
                runner.cancel("j-1", "s-1", true)
                waiting.exit().shouldBeInstanceOf<StepExit.Cancelled>()
                shouldThrow<IllegalStateException> { runner.clusterEnded("j-1") }
                registry.answer.countDown()
                awaitUntil("the end of the cluster") {
                    runCatching { runner.clusterEnded("j-1") }.isSuccess
                }
            }
            Files.exists(account.step("j-1", "s-1").resolve("stdout")) shouldBe false
            account.step("j-1", "s-1").launchFiles() shouldBe emptyList()
        }

        test("a step whose owner process ends while it waits is started once by the next one") {
            val account = account()
            val first = SlowRegistry(interruptible = true)
            runner(account, first).use {
                it.start(STEP, RecordingListener())
                first.awaitAsked()
            }
            val second = SlowRegistry(interruptible = true)
            second.answer.countDown()
            runner(account, second).use {
                it.started(STEP).exit().shouldBeInstanceOf<StepExit.Failed>().reason() shouldBe
                    "Exit code 1."
            }
            account.startsOf("s-1") shouldBe 1
        }

        test("the steps of a cluster are prepared one at a time, in order") {
            val order = mutableListOf<Int>()
            val done = CountDownLatch(20)
            LaunchThreads().use { threads ->
                var running = 0
                for (number in 1..20) {
                    threads.submit(
                        "j-1",
                        {
                            check(++running == 1)
                            order += number
                            Thread.yield()
                            running--
                            Runnable { done.countDown() }
                        },
                        Executor { it.run() },
                    )
                }
                done.await(60, TimeUnit.SECONDS) shouldBe true
                threads.isBusy("j-1") shouldBe false
            }
            order shouldContainExactly (1..20).toList()
        }
    })
