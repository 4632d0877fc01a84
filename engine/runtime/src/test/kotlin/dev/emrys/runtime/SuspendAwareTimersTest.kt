package dev.emrys.runtime

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import java.time.Duration
import java.time.Instant
import java.util.PriorityQueue

/** A machine that can be suspended and whose wall clock can be set. */
private class SuspendableMachine {
    var wall: Instant = Instant.parse("2026-01-01T12:00:00Z")
    private var nanos = 7L
    private val waiting = PriorityQueue<Pair<Long, Runnable>>(compareBy { it.first })
    val timers =
        SuspendAwareTimers({ wall }, { nanos }) { wait, action ->
            waiting += nanos + wait.toNanos() to action
        }

    fun pass(time: Duration) {
        val end = nanos + time.toNanos()
        while (waiting.isNotEmpty() && waiting.peek().first <= end) {
            val (at, action) = waiting.poll()
            wall += Duration.ofNanos(at - nanos)
            nanos = at
            action.run()
        }
        wall += Duration.ofNanos(end - nanos)
        nanos = end
    }

    /** Only the wall clock advances. */
    fun sleep(time: Duration) {
        wall += time
    }
}

class SuspendAwareTimersTest :
    FunSpec({
        fun minutes(count: Long) = Duration.ofMinutes(count)

        test("an action is called once, at its moment") {
            val machine = SuspendableMachine()
            var calls = 0
            machine.timers.at(machine.wall + minutes(5)) { calls++ }
            machine.pass(minutes(5).minusMillis(1))
            calls shouldBe 0
            machine.pass(Duration.ofMillis(1))
            calls shouldBe 1
            machine.pass(minutes(60))
            calls shouldBe 1
        }

        test("a cancelled action is not called") {
            val machine = SuspendableMachine()
            var calls = 0
            machine.timers.at(machine.wall + minutes(5)) { calls++ }.cancel()
            machine.pass(minutes(60))
            calls shouldBe 0
        }

        test("what is due already is called at once") {
            val machine = SuspendableMachine()
            var calls = 0
            machine.timers.at(machine.wall - minutes(5)) { calls++ }
            machine.pass(Duration.ZERO)
            calls shouldBe 1
        }

        test(
            "the time of a suspension counts: an action that became due in it is called soon after"
        ) {
            val machine = SuspendableMachine()
            var calls = 0
            machine.timers.at(machine.wall + minutes(60)) { calls++ }
            machine.pass(minutes(1))
            machine.sleep(minutes(120))
            machine.pass(Duration.ofSeconds(30))
            calls shouldBe 1
        }

        test("a wall clock that is set back delays no action") {
            val machine = SuspendableMachine()
            var calls = 0
            machine.timers.at(machine.wall + minutes(2)) { calls++ }
            machine.pass(minutes(1))
            machine.wall -= minutes(60)
            machine.pass(minutes(1).minusMillis(1))
            calls shouldBe 0
            machine.pass(Duration.ofMillis(1))
            calls shouldBe 1
        }
    })
