package dev.emrys.emr

import com.google.common.collect.ImmutableList
import com.google.common.collect.ImmutableMap
import dev.emrys.drive.Timers
import dev.emrys.emr.ApiBudget.Priority
import dev.emrys.emr.EmrOperation.ADD_JOB_FLOW_STEPS
import dev.emrys.emr.EmrOperation.LIST_STEPS
import dev.emrys.emr.EmrOperation.RUN_JOB_FLOW
import dev.emrys.journal.InMemoryJournals
import dev.emrys.run.Event
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.doubles.shouldBeBetween
import io.kotest.matchers.doubles.shouldBeGreaterThan
import io.kotest.matchers.ints.shouldBeLessThan
import io.kotest.matchers.shouldBe
import java.time.Duration
import java.time.Instant
import java.time.InstantSource
import java.util.concurrent.CompletableFuture
import kotlin.random.Random

/** What EMR calls it. */
private fun EmrOperation.apiName() =
    name.split('_').joinToString("") { it.lowercase().replaceFirstChar(Char::uppercase) }

/** A process that calls EMR as it is granted to. */
private class Caller(
    private val time: ManualTime,
    val shared: SharedBudget,
    private val endpoint: (String) -> Unit,
    quotas: Quotas = Quotas.EMR_DEFAULT,
) {
    val budget = ApiBudget(quotas, time, time, shared, "1234/eu-west-1")
    val calls = mutableListOf<Pair<Instant, EmrOperation>>()
    var running = true

    fun call(operation: EmrOperation) {
        calls += time.instant() to operation
        endpoint(operation.apiName())
    }

    fun acquire(operation: EmrOperation, priority: Priority = Priority.MUTATION, count: Int = 1) =
        repeat(count) { budget.acquire(operation, priority) { call(operation) } }

    /** Calls the operation for as long as it runs, with this many calls waiting. */
    fun flood(operation: EmrOperation, count: Int = 5, priority: Priority = Priority.MUTATION) {
        repeat(count) { again(operation, priority) }
    }

    private fun again(operation: EmrOperation, priority: Priority) {
        budget.acquire(operation, priority) {
            if (running) {
                call(operation)
                time.execute { again(operation, priority) }
            }
        }
    }

    fun count(operation: EmrOperation) = calls.count { it.second == operation }
}

private class Processes(count: Int) {
    val time = ManualTime()
    val journals = InMemoryJournals(time)
    val quota = QuotaClient(time)
    val begun: Instant = time.instant()
    val all = List(count) { Caller(time, JournalTokens(journals, time), quota) }

    fun seconds() = Duration.between(begun, time.instant()).toMillis() / 1000.0
}

class SharedBudgetTest :
    FunSpec({
        test("three processes are never throttled, use the quota, and get equal parts of it") {
            val processes = Processes(3)
            processes.all.forEach { it.flood(RUN_JOB_FLOW) }
            processes.time.pass(minutes(5))
            processes.quota.throttles.shouldBeEmpty()
            val total = processes.all.sumOf { it.count(RUN_JOB_FLOW) }
            total.toDouble() shouldBeGreaterThan 0.9 * (10 + 0.5 * processes.seconds())
            processes.all.forEach {
                it.count(RUN_JOB_FLOW) / total.toDouble() shouldBeBetween (0.3 to 0.37)
            }
        }

        test("the limit of all operations together is shared as well") {
            val processes = Processes(2)
            processes.all.forEach { process ->
                EmrOperation.entries.forEach { process.flood(it) }
            }
            processes.time.pass(minutes(5))
            processes.quota.throttles.shouldBeEmpty()
            val total = processes.all.sumOf { it.calls.size }
            total.toDouble() shouldBeGreaterThan 0.9 * (25 + 5 * processes.seconds())
            processes.all.forEach {
                it.calls.size / total.toDouble() shouldBeBetween (0.45 to 0.55)
            }
        }

        test("within ten seconds each process that waits has had its part") {
            val processes = Processes(2)
            processes.all.forEach { it.flood(RUN_JOB_FLOW) }
            processes.time.pass(minutes(2))
            repeat(20) {
                processes.all.forEach { it.calls.clear() }
                processes.time.pass(seconds(8))
                processes.all.map { it.calls.size } shouldBe listOf(2, 2)
            }
        }

        test("what a process does not use is the others', within seconds of its death") {
            val processes = Processes(3)
            processes.all.forEach { it.flood(RUN_JOB_FLOW) }
            processes.time.pass(minutes(1))
            val dead = processes.all.first()
            (dead.shared as JournalTokens).way = { CompletableFuture() }
            dead.running = false
            processes.time.pass(seconds(10))
            processes.all.forEach { it.calls.clear() }
            processes.time.pass(minutes(2))
            processes.all.drop(1).sumOf { it.calls.size }.toDouble() shouldBeGreaterThan 0.9 * 60
        }

        test("a mutation is sent before the status calls of another process") {
            val time = ManualTime()
            val journals = InMemoryJournals(time)
            val quotas = Quotas(Quotas.Rate(25, 1.0), ImmutableMap.of())
            val (one, other) = List(2) { Caller(time, JournalTokens(journals, time), {}, quotas) }
            one.flood(LIST_STEPS, 50, Priority.STATUS)
            time.pass(minutes(2))
            val asked = time.instant()
            other.acquire(RUN_JOB_FLOW, count = 5)
            time.pass(seconds(8))
            other.calls.size shouldBe 5
            one.calls.count {
                it.first > asked.plusSeconds(1) && it.first <= other.calls.last().first
            } shouldBe 0
        }

        test("a throttle of one process holds the calls of the others back") {
            val processes = Processes(2)
            val (one, other) = processes.all
            one.acquire(ADD_JOB_FLOW_STEPS)
            processes.time.pass(seconds(10))
            one.budget.throttled(ADD_JOB_FLOW_STEPS)
            processes.time.pass(Duration.ofMillis(100))
            other.acquire(ADD_JOB_FLOW_STEPS)
            processes.time.pass(Duration.ofMillis(1_800))
            other.calls.shouldBeEmpty()
            processes.time.pass(Duration.ofMillis(400))
            other.calls.size shouldBe 1
        }

        test("calls at any times of several processes are not throttled") {
            repeat(20) { seed ->
                val random = Random(seed)
                val processes = Processes(3)
                repeat(400) {
                    val process = processes.all[random.nextInt(3)]
                    val operation = EmrOperation.entries[random.nextInt(4)]
                    if (random.nextBoolean()) {
                        process.acquire(operation, Priority.STATUS, random.nextInt(4))
                    } else if (process.budget.tryAcquire(operation, random.nextInt(3))) {
                        process.call(operation)
                    }
                    processes.time.pass(Duration.ofMillis(random.nextLong(1_500)))
                }
                processes.quota.throttles.shouldBeEmpty()
            }
        }

        test("an answer that takes half a second leads to no throttle") {
            val processes = Processes(2)
            processes.all.forEach { process ->
                (process.shared as JournalTokens).way = { answer ->
                    val late = CompletableFuture<ImmutableList<SharedBudget.Lot>>()
                    processes.time.at(processes.time.instant().plusMillis(500)) {
                        late.complete(answer.join())
                    }
                    late
                }
                process.flood(RUN_JOB_FLOW)
            }
            processes.time.pass(minutes(5))
            processes.quota.throttles.shouldBeEmpty()
            processes.all.sumOf { it.calls.size }.toDouble() shouldBeGreaterThan
                0.9 * (10 + 0.5 * processes.seconds())
        }

        test("calls that are sent later than their tokens were taken fit into EMR's burst") {
            val processes = Processes(6)
            val late = processes.all.first()
            (late.shared as JournalTokens).way = { answer ->
                val given = CompletableFuture<ImmutableList<SharedBudget.Lot>>()
                processes.time.at(processes.time.instant().plusMillis(900)) {
                    given.complete(answer.join())
                }
                given
            }
            listOf(RUN_JOB_FLOW, ADD_JOB_FLOW_STEPS, LIST_STEPS).forEach {
                late.acquire(it, count = 5)
            }
            processes.time.pass(Duration.ofMillis(850))
            processes.all.drop(1).forEachIndexed { i, process ->
                process.acquire(EmrOperation.CANCEL_STEPS, count = 5)
                process.acquire(EmrOperation.DESCRIBE_CLUSTER, count = 5)
                process.acquire(EmrOperation.LIST_CLUSTERS, count = 5 + i)
            }
            processes.time.pass(minutes(1))
            processes.quota.throttles.shouldBeEmpty()
        }

        test("steps are seen although polls are further apart than a token is valid") {
            val time = ManualTime()
            EmrHarness(
                    wire = false,
                    quotas = Quotas.EMR_DEFAULT,
                    pollInterval = seconds(10),
                    time = time,
                    shared = JournalTokens(time),
                )
                .use { harness ->
                    val id = harness.madeCluster()
                    val step = harness.madeStep(id, "a")
                    harness.perform(watchStep(id, step, "a"))
                    harness.pass(seconds(25))
                    harness.all<Event.AttemptRunning>().map { it.task } shouldBe listOf("a")
                }
        }

        test("the tokens of an answer that takes longer than 5 s are not used") {
            val processes = Processes(1)
            val process = processes.all.single()
            (process.shared as JournalTokens).way = { answer ->
                val late = CompletableFuture<ImmutableList<SharedBudget.Lot>>()
                processes.time.at(processes.time.instant().plusSeconds(6)) {
                    late.complete(answer.join())
                }
                late
            }
            process.flood(RUN_JOB_FLOW)
            processes.time.pass(minutes(4))
            process.calls.size.toDouble() shouldBeBetween (28.0 to 31.0)
        }

        test("a clock that is set back stops no call") {
            val time = ManualTime()
            var offset = Duration.ZERO
            val clock = InstantSource { time.instant().plus(offset) }
            // After as much time as was left, whatever the clock says then.
            val timers = Timers { due, action ->
                time.at(time.instant().plus(Duration.between(clock.instant(), due)), action)
            }
            val shared = JournalTokens(InMemoryJournals(clock))
            val budget = ApiBudget(Quotas.EMR_DEFAULT, clock, timers, shared, "1234/eu-west-1")
            var calls = 0
            repeat(200) { budget.acquire(RUN_JOB_FLOW, Priority.MUTATION) { calls++ } }
            time.pass(minutes(1))
            offset = Duration.ofHours(-1)
            time.pass(seconds(10))
            calls = 0
            time.pass(minutes(2))
            calls.toDouble() shouldBeGreaterThan 0.9 * 60
        }

        test("tokens are asked for at most four times a second, and not at all without need") {
            val time = ManualTime()
            val shared = JournalTokens(time)
            val quotas = Quotas(Quotas.Rate(200, 50.0), ImmutableMap.of())
            val process = Caller(time, shared, {}, quotas)
            repeat(100) {
                process.acquire(RUN_JOB_FLOW)
                time.pass(Duration.ofMillis(100))
            }
            time.pass(seconds(1))
            process.calls.size shouldBe 100
            shared.requests.size shouldBeLessThan 42
            shared.requests.clear()
            time.pass(minutes(10))
            shared.requests.shouldBeEmpty()
            val unlimited = JournalTokens(time)
            Caller(time, unlimited, {}, Quotas.NONE).acquire(RUN_JOB_FLOW, count = 100)
            unlimited.requests.shouldBeEmpty()
        }

        test("timers do not add up while calls wait") {
            val time = ManualTime()
            var timers = 0
            val counting = Timers { due, action ->
                timers++
                time.at(due, action)
            }
            val budget =
                ApiBudget(Quotas.EMR_DEFAULT, time, counting, JournalTokens(time), "1234/eu-west-1")
            repeat(1000) { budget.acquire(RUN_JOB_FLOW, Priority.MUTATION) {} }
            time.pass(minutes(10))
            timers = 0
            time.pass(minutes(1))
            // Each of 30 tokens needs one to ask for it, and one in case that no answer comes.
            timers shouldBeLessThan 100
        }

        test("a call that does not wait is told of when a token for it has come") {
            val processes = Processes(1)
            val process = processes.all.single()
            var told = 0
            process.budget.whenLeased { told++ }
            process.budget.tryAcquire(LIST_STEPS, 0) shouldBe false
            processes.time.pass(Duration.ofMillis(20))
            told shouldBe 1
            process.budget.tryAcquire(LIST_STEPS, 5) shouldBe true
            process.budget.tryAcquire(LIST_STEPS, 5) shouldBe false
            process.budget.forgetTried()
            processes.time.pass(minutes(1))
            told shouldBe 1
        }

        listOf(
                "fails" to
                    {
                        CompletableFuture.failedFuture<Nothing>(IllegalStateException("no journal"))
                    },
                "does not answer" to { CompletableFuture<Nothing>() },
            )
            .forEach { (what, answer) ->
                test("while the shared budget $what, calls are made at a quarter of the rates") {
                    val processes = Processes(1)
                    val process = processes.all.single()
                    val shared = process.shared as JournalTokens
                    val real = shared.way
                    @Suppress("UNCHECKED_CAST")
                    shared.way = {
                        answer() as CompletableFuture<ImmutableList<SharedBudget.Lot>>
                    }
                    process.flood(RUN_JOB_FLOW)
                    processes.time.pass(minutes(4))
                    process.calls.size.toDouble() shouldBeBetween (28.0 to 31.0)
                    shared.way = real
                    if (what == "fails") {
                        processes.time.pass(seconds(6))
                        process.calls.clear()
                        processes.time.pass(minutes(4))
                        process.calls.size.toDouble() shouldBeGreaterThan 0.9 * 120
                    }
                    processes.quota.throttles.shouldBeEmpty()
                }
            }
    })

private infix fun Double.shouldBeBetween(range: Pair<Double, Double>) =
    shouldBeBetween(range.first, range.second, 0.0)
