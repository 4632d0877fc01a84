package dev.emrys.runtime

import com.google.common.collect.ImmutableList
import com.google.common.collect.ImmutableSet
import dev.emrys.drive.Effects
import dev.emrys.drive.Timers
import dev.emrys.emr.EmrAccount
import dev.emrys.emr.EmrDependencies
import dev.emrys.emr.EmrEffects
import dev.emrys.emr.RunTags
import dev.emrys.local.OwnerProcess
import dev.emrys.run.Command
import dev.emrys.run.Event
import dev.emrys.spec.ClusterStart
import dev.emrys.testing.awaitUntil
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import java.io.IOException
import java.net.InetAddress
import java.net.ServerSocket
import java.net.Socket
import java.nio.file.Files
import java.nio.file.Path
import java.time.Duration
import java.time.Instant
import java.time.InstantSource
import java.util.Optional
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.Executors
import java.util.concurrent.TimeUnit

/** One run's effects on a real owner process. Nothing is polled for an hour. */
private class PushedRun(fixture: StateFolderFixture) : AutoCloseable {
    val events = CopyOnWriteArrayList<Event>()
    private val bugs = CopyOnWriteArrayList<Throwable>()
    private val pool = Executors.newScheduledThreadPool(4)
    private val account =
        EmrAccount(
            LocalEndpoint(
                OwnerProcess(
                    fixture.account,
                    ImmutableList.builder<String>()
                        .addAll(StateFolderFixture.OWNER_COMMAND)
                        .add(fixture.account.folder().toString())
                        .build(),
                ),
                Duration.ofHours(1),
            ),
            EmrDependencies(
                pool,
                InstantSource.system(),
                ::at,
                { Optional.empty() },
                { fixture.warnings.add(it) },
                { 0.0 },
            ),
        )
    private val effects =
        EmrEffects(account, RunTags("run", "run", "push"), Instant.now(), ImmutableSet.of())
    private val start = ClusterStart(cluster("etl"))
    val clusterId: String

    init {
        perform(Command.Submit("start:etl", 1, "push.start.1", start, null, Instant.now(), false))
        clusterId = accepted("start:etl")
        perform(Command.Watch("start:etl", 1, start, null, clusterId, Instant.now()))
        await("the cluster") { it is Event.AttemptSucceeded && it.task == "start:etl" }
    }

    private fun at(due: Instant, action: Runnable): Timers.Scheduled {
        val wait = Duration.between(Instant.now(), due).toMillis()
        val future = pool.schedule(action, maxOf(wait, 0), TimeUnit.MILLISECONDS)
        return Timers.Scheduled { future.cancel(false) }
    }

    private fun perform(command: Command.ForTarget) =
        effects.perform(
            ImmutableList.of(command),
            object : Effects.Reports {
                override fun report(event: Event) {
                    events += event
                }

                override fun fail(bug: Throwable) {
                    bugs += bug
                }
            },
        )

    private fun accepted(task: String): String {
        await("$task is accepted") { it is Event.AttemptAccepted && it.task == task }
        return events.filterIsInstance<Event.AttemptAccepted>().single { it.task == task }.remoteId
    }

    /** Submits and watches a step. */
    fun step(name: String, script: String) {
        val spec = bash(name, "etl", script)
        perform(Command.Submit(name, 1, "push.$name.1", spec, clusterId, Instant.now(), false))
        perform(Command.Watch(name, 1, spec, clusterId, accepted(name), Instant.now()))
    }

    fun await(what: String, fits: (Event) -> Boolean) {
        awaitUntil(what) { bugs.isNotEmpty() || events.any(fits) }
        bugs.firstOrNull()?.let { throw it }
    }

    override fun close() {
        account.close()
        pool.shutdownNow()
    }
}

/** Forwards connections to a port, until the test cuts them. */
private class Forwarder(private val port: Int) : AutoCloseable {
    private val server = ServerSocket(0, 50, InetAddress.getLoopbackAddress())
    private val open = CopyOnWriteArrayList<Socket>()
    private val threads = Executors.newCachedThreadPool()
    @Volatile var refuses = false

    val localPort
        get() = server.localPort

    init {
        threads.execute {
            try {
                while (true) accept(server.accept())
            } catch (_: IOException) {
                // It is closed.
            }
        }
    }

    private fun accept(client: Socket) {
        if (refuses) {
            client.close()
            return
        }
        val target = Socket(InetAddress.getLoopbackAddress(), port)
        open += listOf(client, target)
        threads.execute { copy(client, target) }
        threads.execute { copy(target, client) }
    }

    private fun copy(from: Socket, to: Socket) {
        try {
            from.getInputStream().transferTo(to.getOutputStream())
        } catch (_: IOException) {
            // The other direction ended.
        }
        from.close()
        to.close()
    }

    fun cut() {
        refuses = true
        open.forEach(Socket::close)
        open.clear()
    }

    override fun close() {
        server.close()
        cut()
        threads.shutdownNow()
    }
}

class PushTest :
    FunSpec({
        fun <T> withRun(test: (StateFolderFixture, PushedRun) -> T): T =
            StateFolderFixture().use { fixture -> PushedRun(fixture).use { test(fixture, it) } }

        fun ended(name: String): (Event) -> Boolean = {
            it is Event.AttemptSucceeded && it.task == name
        }

        /** A step that waits for the file. */
        fun waitsFor(file: Path) = "until [ -e '$file' ]; do sleep 0.02; done"

        test("start, run, failure and success of steps are seen without polling") {
            withRun { fixture, run ->
                val go = fixture.folder.resolve("go")
                run.step("slow", waitsFor(go))
                run.await("slow runs") { it is Event.AttemptRunning && it.task == "slow" }
                Files.createFile(go)
                run.await("slow ends", ended("slow"))
                run.step("bad", "echo 'no table' >&2; exit 3")
                run.await("bad ends") { it is Event.AttemptFailed && it.task == "bad" }
                run.events.filterIsInstance<Event.AttemptFailed>().single().reason shouldBe
                    "Exit code 3.\nno table"
                for (at in 1..10) {
                    run.step("quick-$at", "true")
                    run.await("quick-$at ends", ended("quick-$at"))
                }
                fixture.warnings shouldBe emptyList()
            }
        }

        test("what changes while the connection is broken is seen when it is there again") {
            StateFolderFixture().use { fixture ->
                val ownerFile = fixture.account.folder().resolve("owner.json")
                // Starts the owner process.
                PushedRun(fixture).close()
                val port =
                    Regex("\"port\":(\\d+)").find(Files.readString(ownerFile))!!.groupValues[1]
                Forwarder(port.toInt()).use { forwarder ->
                    val direct = Files.readString(ownerFile)
                    Files.writeString(
                        ownerFile,
                        direct.replace("\"port\":$port", "\"port\":${forwarder.localPort}"),
                    )
                    PushedRun(fixture).use { run ->
                        val go = fixture.folder.resolve("go")
                        val gone = fixture.folder.resolve("gone")
                        run.step("slow", "${waitsFor(go)}; touch '$gone'")
                        run.await("slow runs") { it is Event.AttemptRunning }
                        forwarder.cut()
                        Files.createFile(go)
                        awaitUntil("the step's end") { Files.exists(gone) }
                        run.events.any(ended("slow")) shouldBe false
                        forwarder.refuses = false
                        run.await("slow ends", ended("slow"))
                        run.step("next", "true")
                        run.await("next ends", ended("next"))
                    }
                }
            }
        }

        test("what changes while the owner process is dead is seen by way of the next one") {
            withRun { fixture, run ->
                val go = fixture.folder.resolve("go")
                run.step("slow", waitsFor(go))
                run.await("slow runs") { it is Event.AttemptRunning }
                val first = fixture.ownerPid()!!
                ProcessHandle.of(first).ifPresent { it.destroyForcibly() }
                Files.createFile(go)
                run.await("slow ends", ended("slow"))
                fixture.ownerPid() shouldNotBe first
                run.step("next", "true")
                run.await("next ends", ended("next"))
            }
        }
    })
