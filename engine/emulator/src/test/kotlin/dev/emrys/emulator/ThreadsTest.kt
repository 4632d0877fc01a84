package dev.emrys.emulator

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.ints.shouldBeLessThanOrEqual
import io.kotest.matchers.shouldBe
import java.time.InstantSource
import java.util.Random
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.CountDownLatch
import java.util.concurrent.Executors
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicInteger
import software.amazon.awssdk.services.emr.model.StepState

class ThreadsTest :
    FunSpec({
        test(
            "steps that end on many threads are each started once, within the step concurrency level"
        ) {
            val workers = Executors.newFixedThreadPool(4)
            val clock = InstantSource.system()
            val immediately = CallbackScheduler { _, action -> action.run() }
            val starts = ConcurrentHashMap<String, AtomicInteger>()
            val running = ConcurrentHashMap<String, AtomicInteger>()
            val maximum = AtomicInteger()
            val over = CountDownLatch(4)
            val runner =
                object : StepRunner {
                    override fun start(launch: StepLaunch, listener: StepListener) {
                        starts.computeIfAbsent(launch.stepId) { AtomicInteger() }.incrementAndGet()
                        val here = running.computeIfAbsent(launch.clusterId) { AtomicInteger() }
                        maximum.accumulateAndGet(here.incrementAndGet(), Math::max)
                        workers.execute {
                            listener.running(clock.instant())
                            here.decrementAndGet()
                            listener.ended(StepExit.Completed(clock.instant()))
                        }
                    }

                    override fun cancel(clusterId: String, stepId: String, force: Boolean) = Unit

                    override fun clusterEnded(clusterId: String) = over.countDown()
                }
            val ports =
                EmulatorPorts(
                    clock,
                    immediately,
                    IdSource.of(Random(1)),
                    runner,
                    InMemoryStore(),
                    Faults.NONE,
                )
            val emr = Emulator(ports, EmulatorSettings.DEFAULT)
            val clusters =
                List(4) { emr.runJobFlow(request { stepConcurrencyLevel(3) }).jobFlowId() }
            val callers = Executors.newFixedThreadPool(4)
            clusters.forEach { id ->
                callers.execute {
                    repeat(4) { emr.add(id, *Array(50) { i -> step("step $i") }) }
                    emr.setKeepJobFlowAliveWhenNoSteps {
                        it.jobFlowIds(id).keepJobFlowAliveWhenNoSteps(false)
                    }
                }
            }
            over.await(60, TimeUnit.SECONDS) shouldBe true
            callers.shutdown()
            workers.shutdown()
            starts.size shouldBe 800
            starts.values.maxOf { it.get() } shouldBe 1
            maximum.get() shouldBeLessThanOrEqual 3
            clusters.forEach { id ->
                emr.steps(id).groupingBy { it }.eachCount() shouldBe
                    mapOf(StepState.COMPLETED to 200)
            }
            emr.hasLiveClusters() shouldBe false
        }
    })
