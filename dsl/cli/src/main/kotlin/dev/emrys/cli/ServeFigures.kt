package dev.emrys.cli

import com.google.common.collect.ImmutableList
import dev.emrys.journal.FireRecord
import dev.emrys.journal.ScheduleEvent
import dev.emrys.monitor.Check
import dev.emrys.monitor.DaemonFigures
import dev.emrys.monitor.Metrics
import dev.emrys.monitor.MonitorAccess
import dev.emrys.monitor.MonitorAddress
import dev.emrys.monitor.MonitorServer
import dev.emrys.scheduler.Scheduler
import dev.emrys.scheduler.SchedulerListener
import dev.emrys.spec.CommandCode
import dev.emrys.spec.RuntimeCode
import java.io.IOException
import java.nio.file.Files
import java.nio.file.Path
import java.time.Duration
import java.time.Instant
import java.time.InstantSource
import java.util.Optional
import picocli.CommandLine.Option

/** Where a daemon answers about itself. */
internal class MonitorOptions {
    @Option(
        names = ["--http"],
        paramLabel = "[HOST:]PORT|off",
        description =
            [
                "Answers GET /health, /ready and /metrics (Prometheus) at this address; one that is not of this machine only",
                "needs --http-token-file. Default: 127.0.0.1:8780, and nothing when that is in use.",
            ],
    )
    var http: String? = null

    @Option(
        names = ["--http-token-file"],
        paramLabel = "FILE",
        description = ["A file with the token that requests need, except for /health."],
    )
    var tokenFile: Path? = null

    /**
     * Null for none.
     *
     * @param unavailable is called when the default address is in use
     */
    fun start(
        health: List<Check>,
        readiness: List<Check>,
        metrics: Metrics,
        unavailable: (String) -> Unit,
    ): MonitorServer? {
        val address = http ?: DEFAULT
        if (address == OFF) return null
        try {
            val token = tokenFile?.let { Files.readString(it).trim() }
            val access = MonitorAccess.of(MonitorAddress.parse(address), Optional.ofNullable(token))
            return MonitorServer.start(
                access,
                ImmutableList.copyOf(health),
                ImmutableList.copyOf(readiness),
                metrics,
            )
        } catch (e: IllegalArgumentException) {
            throw StopException(CommandCode.HTTP_ADDRESS.of(address, "${e.message}"))
        } catch (e: IOException) {
            val what = e.message ?: e.javaClass.simpleName
            if (http != null) throw StopException(RuntimeCode.HTTP_UNAVAILABLE.of(what, "--http"))
            unavailable(what)
            return null
        }
    }

    private companion object {
        const val OFF = "off"
        const val DEFAULT = "127.0.0.1:8780"
    }
}

/** The figures of a daemon, for its own HTTP server. Thread-safe. */
internal class ServeFigures(private val scripts: ServedScripts) :
    SchedulerListener, DaemonFigures, AutoCloseable {
    private val clock = InstantSource.system()
    val metrics = Metrics(ServeFigures::class.java.`package`.implementationVersion ?: "0")

    @Volatile private var scheduler: Scheduler? = null
    @Volatile private var journalFailedAt: Instant = Instant.MIN

    fun read(scheduler: Scheduler) {
        this.scheduler = scheduler
        metrics.read(this)
    }

    /** The scheduler looks for what is due, at least once a second. */
    val health =
        Check("scheduler") {
            val since = sinceLastTick().orElse(null)
            if (since != null && since > LONGEST_TICK)
                Check.Result.failing("The last look for due fires was ${since.toSeconds()} s ago.")
            else Check.Result.ok("")
        }

    /** What is recorded was read, and can be written. */
    val readiness =
        Check("journal") {
            when {
                clock.instant() < journalFailedAt.plus(LONGEST_TICK) ->
                    Check.Result.failing("The journal cannot be used.")
                scheduler?.status()?.inStep() == true -> Check.Result.ok("")
                else -> Check.Result.failing("The journal is being read.")
            }
        }

    override fun decided(fire: FireRecord, late: Duration) =
        metrics.fireDecided(fire.schedule(), fire.state().name.lowercase(), late)

    override fun ended(fire: FireRecord, failures: Int, before: Int) {
        val took = Duration.between(fire.due(), fire.endedAt() ?: fire.due())
        metrics.runEnded(fire.state().name.lowercase(), took)
    }

    override fun happened(event: ScheduleEvent) {}

    override fun notNow(fire: FireRecord, reason: String) = metrics.fireStartRetried()

    override fun journalFailed(failure: Throwable) {
        journalFailedAt = clock.instant()
        metrics.journalFailed()
    }

    fun notificationSent() = metrics.notificationSent()

    fun notificationFailed() = metrics.notificationFailed()

    override fun schedules(): Int = scheduler?.status()?.schedules() ?: 0

    override fun runsDriven(): Int = scheduler?.status()?.running() ?: 0

    override fun runsQueued(): Int = scheduler?.status()?.queued() ?: 0

    override fun brokenScripts(): Int = scripts.broken.size

    override fun sinceLastTick(): Optional<Duration> =
        Optional.ofNullable(scheduler?.status()?.tick()?.takeIf { it > Instant.EPOCH }).map {
            Duration.between(it, clock.instant())
        }

    override fun untilNextFire(): Optional<Duration> =
        Optional.ofNullable(scheduler?.status()?.nextFire()).map {
            Duration.between(clock.instant(), it)
        }

    override fun close() = metrics.close()

    private companion object {
        val LONGEST_TICK: Duration = Duration.ofSeconds(30)
    }
}

/** Tells several listeners, in turn. */
internal class AllListeners(private val listeners: List<SchedulerListener>) : SchedulerListener {
    override fun decided(fire: FireRecord, late: Duration) = listeners.forEach {
        it.decided(fire, late)
    }

    override fun ended(fire: FireRecord, failures: Int, before: Int) = listeners.forEach {
        it.ended(fire, failures, before)
    }

    override fun happened(event: ScheduleEvent) = listeners.forEach { it.happened(event) }

    override fun notNow(fire: FireRecord, reason: String) = listeners.forEach {
        it.notNow(fire, reason)
    }

    override fun journalFailed(failure: Throwable) = listeners.forEach { it.journalFailed(failure) }
}
