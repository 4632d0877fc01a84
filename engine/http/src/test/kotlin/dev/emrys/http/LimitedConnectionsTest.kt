package dev.emrys.http

import dev.emrys.testing.SettableTime
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import java.time.Duration
import java.util.concurrent.TimeUnit
import org.eclipse.jetty.io.AbstractConnection
import org.eclipse.jetty.io.ByteArrayEndPoint
import org.eclipse.jetty.util.component.AbstractLifeCycle
import org.eclipse.jetty.util.thread.Scheduler

/** Jetty's timers on the clock of the test. */
private class TestScheduler(private val time: SettableTime) : AbstractLifeCycle(), Scheduler {
    override fun schedule(task: Runnable, delay: Long, units: TimeUnit): Scheduler.Task {
        val cancel = time.schedule(time.instant().plusMillis(units.toMillis(delay)), task::run)
        return Scheduler.Task {
            cancel()
            true
        }
    }
}

private class TestConnection : AbstractConnection(ByteArrayEndPoint(), Runnable::run) {
    override fun onFillable() = Unit

    val isOpen: Boolean
        get() = endPoint.isOpen
}

private class Fixture(max: Int) {
    val time = SettableTime()
    val limited = LimitedConnections(TestScheduler(time), Duration.ofSeconds(10), max)

    fun open() = TestConnection().also(limited::onOpened)
}

class LimitedConnectionsTest :
    FunSpec({
        test("a connection is closed after its time, and not before") {
            with(Fixture(max = 5)) {
                val connection = open()
                time.pass(Duration.ofMillis(9_999))
                connection.isOpen shouldBe true
                time.pass(Duration.ofMillis(1))
                connection.isOpen shouldBe false
            }
        }

        test("one more than may be open closes the oldest") {
            with(Fixture(max = 2)) {
                val connections = List(3) { open() }
                connections.map { it.isOpen } shouldBe listOf(false, true, true)
            }
        }

        test("an exempt connection stays, and does not count") {
            with(Fixture(max = 2)) {
                val exempt = open()
                limited.exempt(exempt)
                val others = List(2) { open() }
                others.map { it.isOpen } shouldBe listOf(true, true)
                time.pass(Duration.ofMinutes(1))
                exempt.isOpen shouldBe true
                others.map { it.isOpen } shouldBe listOf(false, false)
            }
        }

        test("a closed connection does not count, and its timer is cancelled") {
            with(Fixture(max = 1)) {
                val closed = open()
                limited.onClosed(closed)
                time.idle() shouldBe true
                val next = open()
                next.isOpen shouldBe true
                closed.isOpen shouldBe true
            }
        }
    })
