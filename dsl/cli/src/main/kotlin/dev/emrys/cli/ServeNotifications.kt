package dev.emrys.cli

import com.google.common.collect.ImmutableList
import dev.emrys.journal.FireRecord
import dev.emrys.journal.JournalException
import dev.emrys.journal.ScheduleEvent
import dev.emrys.language.DeclaredChannel
import dev.emrys.language.DeclaredNotifications
import dev.emrys.language.EmailSecurity
import dev.emrys.notify.Channel
import dev.emrys.notify.CommandChannel
import dev.emrys.notify.EmailChannel
import dev.emrys.notify.EmailSettings
import dev.emrys.notify.NamedSecret
import dev.emrys.notify.Notice
import dev.emrys.notify.NoticeKind
import dev.emrys.notify.Notifier
import dev.emrys.notify.NotifierSettings
import dev.emrys.notify.SentNotices
import dev.emrys.notify.SnsChannel
import dev.emrys.notify.WebhookChannel
import dev.emrys.runtime.Engine
import dev.emrys.scheduler.SchedulerListener
import dev.emrys.view.ScheduleEventView
import java.time.Duration
import java.time.Instant
import java.time.InstantSource
import java.util.Optional

/**
 * Tells people what they have to know of the schedules, as their scripts declare it: a failed run,
 * the first one that succeeds afterwards, one that is late, a schedule that was paused after
 * failures, a script with an error. Thread-safe.
 *
 * @param declared what a schedule's script declares; null for nothing
 * @param onSent is called when a receiver has a message
 * @param onFailed is called when a message could not be sent at once
 */
internal class ServeNotifications(
    private val engine: Engine,
    private val log: ServeLog,
    private val declared: (String) -> DeclaredNotifications?,
    private val onSent: () -> Unit = {},
    private val onFailed: () -> Unit = {},
) : SchedulerListener, AutoCloseable {
    private class Deadline(val at: Instant, val fire: FireRecord)

    private val clock = InstantSource.system()
    private val notifiers = HashMap<List<DeclaredChannel>, Notifier>()
    private val deadlines = HashMap<String, Deadline>()

    private val sent =
        object : SentNotices {
            override fun isSent(noticeId: String, channel: String): Boolean =
                try {
                    engine.schedules().isSent(noticeId, channel)
                } catch (_: JournalException) {
                    // Twice is better than not at all.
                    false
                }

            override fun sent(noticeId: String, channel: String, at: Instant) {
                onSent()
                try {
                    engine.schedules().sent(noticeId, channel, at)
                } catch (e: JournalException) {
                    log.journalFailed(e)
                }
            }
        }

    /**
     * Sends what a process before this one may have left unsent of the last day, of the newest
     * [RECOVERED] failures and events, since each call of tick looks at them; and expects the ends
     * of open runs.
     */
    fun recover() {
        val since = clock.instant().minus(RECOVERED_TIME)
        val schedules = engine.schedules()
        schedules.failedFires(since, RECOVERED).forEach(::failed)
        schedules
            .newestEvents(Optional.empty(), RECOVERED)
            .filter { it.at() > since }
            .reversed()
            .forEach(::happened)
        engine.schedules().openFires().forEach(::expect)
    }

    override fun decided(fire: FireRecord, late: Duration) = expect(fire)

    private fun expect(fire: FireRecord) {
        val after = declared(fire.schedule())?.lateAfter ?: return
        if (fire.state().isFinal || fire.cause() != FireRecord.Cause.SCHEDULE) return
        synchronized(deadlines) { deadlines[fire.run()] = Deadline(fire.due().plus(after), fire) }
    }

    /** Reports what is late by now. */
    fun check() {
        val now = clock.instant()
        val late =
            synchronized(deadlines) {
                deadlines.values.filter { it.at <= now }.onEach { deadlines.remove(it.fire.run()) }
            }
        for (each in late) {
            val fire = each.fire
            val text =
                "The fire was due at ${fire.due()}; its run has not ended.\n    emrys show ${fire.run()}"
            send(fire, NoticeKind.LATE, "${fire.schedule()}: ${fire.run()} is late", text)
        }
    }

    override fun ended(fire: FireRecord, failures: Int, before: Int) {
        synchronized(deadlines) { deadlines.remove(fire.run()) }
        if (fire.state() == FireRecord.State.FAILED) failed(fire)
        else if (fire.state() == FireRecord.State.SUCCEEDED && before > 0) {
            val runs = if (before == 1) "a failed run" else "$before failed runs"
            send(
                fire,
                NoticeKind.RECOVERED,
                "${fire.schedule()}: ${fire.run()} succeeded after $runs",
                "",
            )
        }
    }

    private fun failed(fire: FireRecord) {
        val text =
            "${fire.reason()}\n    emrys show ${fire.run()}    what happened\n" +
                "    emrys resume ${fire.run()}    repeats what did not succeed"
        send(fire, NoticeKind.FAILED, "${fire.schedule()}: ${fire.run()} failed", text)
    }

    private fun send(fire: FireRecord, kind: NoticeKind, title: String, text: String) =
        send(
            fire.schedule(),
            Notice.fitted(
                "${kind.json()}/${fire.run()}/${fire.endedAt() ?: ""}".trimEnd('/'),
                kind,
                fire.schedule().substringBeforeLast('/'),
                fire.schedule(),
                fire.run(),
                clock.instant(),
                title,
                text,
            ),
        )

    override fun happened(event: ScheduleEvent) {
        if (event.type() != ScheduleEvent.Type.PAUSED) return
        send(
            event.schedule(),
            Notice.fitted(
                "paused/${event.schedule()}/${event.at()}",
                NoticeKind.PAUSED,
                event.schedule().substringBeforeLast('/'),
                event.schedule(),
                null,
                event.at(),
                "${event.schedule()} ${ScheduleTexts.of(ScheduleEventView.of(event))}",
                "    emrys schedule resume ${event.schedule()}    lets it fire again",
            ),
        )
    }

    /** Tells the receivers that the script had before. */
    fun broken(script: BrokenScript) {
        val schedule = script.schedules.firstOrNull() ?: return
        send(
            schedule,
            Notice.fitted(
                "broken/${script.path}/${script.change}",
                NoticeKind.BROKEN_SCRIPT,
                schedule.substringBeforeLast('/'),
                schedule,
                null,
                clock.instant(),
                "${script.path} has an error, and is served as it was before",
                script.reason,
            ),
        )
    }

    override fun notNow(fire: FireRecord, reason: String) {}

    override fun journalFailed(failure: Throwable) {}

    private fun send(schedule: String, notice: Notice) {
        val channels = declared(schedule)?.channels ?: return
        notifier(channels)?.send(notice)
    }

    /**
     * Scripts with the same receivers share one. Null when a receiver cannot be used, which is
     * logged.
     */
    private fun notifier(channels: List<DeclaredChannel>): Notifier? =
        synchronized(notifiers) {
            notifiers[channels]?.let {
                return it
            }
            try {
                val all = channels.mapIndexed { index, channel -> channel(channel, index + 1) }
                Notifier.start(all, NotifierSettings.DEFAULT, clock, sent) {
                        onFailed()
                        log.say("notification", it, ServeLog.WARNING)
                    }
                    .also { notifiers[channels] = it }
            } catch (e: IllegalArgumentException) {
                log.say(
                    "notification",
                    "The notifications cannot be sent: ${e.message}",
                    ServeLog.ERROR,
                )
                null
            }
        }

    /** Its name has no host or address, which may be secret, and stays the same after a restart. */
    private fun channel(declared: DeclaredChannel, number: Int): Channel =
        when (declared) {
            is DeclaredChannel.Webhook ->
                WebhookChannel("webhook-$number", secret(declared.url), clock)
            is DeclaredChannel.Command -> CommandChannel("command-$number", declared.words)
            is DeclaredChannel.Sns -> SnsChannel.of("sns-$number", declared.topic)
            is DeclaredChannel.Email ->
                EmailChannel(
                    "email-$number",
                    EmailSettings(
                        declared.host,
                        declared.port,
                        when (declared.security) {
                            EmailSecurity.None -> EmailSettings.Security.NONE
                            EmailSecurity.StartTls -> EmailSettings.Security.STARTTLS
                            EmailSecurity.Tls -> EmailSettings.Security.TLS
                        },
                        declared.user?.let {
                            EmailSettings.Login(it, secret(declared.password.orEmpty()))
                        },
                        declared.from,
                        ImmutableList.copyOf(declared.to),
                    ),
                )
        }

    private fun secret(name: String) = NamedSecret.of(name) { engine.secret(name) }

    override fun close() {
        val all = synchronized(notifiers) { notifiers.values.toList() }
        all.forEach { it.close() }
    }

    private companion object {
        const val RECOVERED = 200
        val RECOVERED_TIME: Duration = Duration.ofDays(1)
    }
}
