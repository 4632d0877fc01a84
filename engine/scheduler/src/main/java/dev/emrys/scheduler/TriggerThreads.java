package dev.emrys.scheduler;

import com.google.common.base.Throwables;
import com.google.common.base.Ticker;
import com.google.common.util.concurrent.ThreadFactoryBuilder;
import dev.emrys.journal.JournalException;
import dev.emrys.scheduler.TriggerPoller.Watch;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Looks again and again for what schedules wait for. Runs are looked for on a thread of their own, files and objects on
 * others: a folder of the network may take long to answer. Thread-safe.
 */
public final class TriggerThreads implements AutoCloseable {
    /** So many folders are looked at at the same time. */
    private static final int SLOW_THREADS = 8;

    /** A look takes at most one part of so many of the time. */
    private static final int SHARE = 50;

    private static final Duration LONGEST_SHARE = Duration.ofMinutes(5);

    private static final int CLOSING_SECONDS = 2;

    /** Until the scheduler has recorded a schedule: what exists then does not fire. */
    private static final Duration UNRECORDED_PAUSE = Duration.ofMillis(100);

    private final TriggerPoller poller;
    private final Ticker ticker;
    private final Consumer<Throwable> bug;
    private final ScheduledThreadPoolExecutor quick = threads(1, "emrys-triggers");
    private final ScheduledThreadPoolExecutor slow = threads(SLOW_THREADS, "emrys-arrivals-%d");
    private final Map<String, Served> served = new LinkedHashMap<>();

    /**
     * @param ticker measures how long a look takes; a wall clock may be set meanwhile
     * @param bug is given what a look throws that is no failure of the journal; the looks go on
     */
    public TriggerThreads(TriggerPoller poller, Ticker ticker, Consumer<Throwable> bug) {
        this.poller = poller;
        this.ticker = ticker;
        this.bug = bug;
    }

    private static ScheduledThreadPoolExecutor threads(int count, String name) {
        return new ScheduledThreadPoolExecutor(
                count,
                new ThreadFactoryBuilder().setNameFormat(name).setDaemon(true).build());
    }

    /** Looks for what these schedules wait for from now on, and for nothing else. */
    public synchronized void serve(Collection<ServedSchedule> schedules) {
        Map<String, Served> before = new LinkedHashMap<>(served);
        served.clear();
        for (ServedSchedule schedule : schedules) {
            Served known = before.remove(schedule.id());
            if (known != null && isAlike(known.schedule, schedule)) {
                served.put(schedule.id(), known);
            } else {
                if (known != null) {
                    known.isStopped = true;
                }
                poller.watch(schedule).ifPresent(watch -> {
                    Served next = new Served(schedule, watch);
                    served.put(schedule.id(), next);
                    next.start(Duration.ZERO);
                });
            }
        }
        before.values().forEach(left -> left.isStopped = true);
    }

    private final class Served {
        final ServedSchedule schedule;
        private final Watch watch;
        private volatile boolean isStopped;

        Served(ServedSchedule schedule, Watch watch) {
            this.schedule = schedule;
            this.watch = watch;
        }

        void start(Duration pause) {
            try {
                var unused =
                        (watch.isSlow() ? slow : quick).schedule(this::look, pause.toMillis(), TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException closed) {
                isStopped = true;
            }
        }

        private void look() {
            if (isStopped) {
                return;
            }
            long begin = ticker.read();
            boolean isRecorded = true;
            boolean failed = false;
            try {
                isRecorded = watch.look().getAsBoolean();
            } catch (RuntimeException | Error e) {
                failed = true;
                // The scheduler tells of a journal that cannot be used.
                if (Throwables.getCausalChain(e).stream().noneMatch(JournalException.class::isInstance)) {
                    bug.accept(e);
                }
            }
            Duration pause = isRecorded ? watch.pause() : UNRECORDED_PAUSE;
            start(failed ? pause : longer(pause, share(Duration.ofNanos(ticker.read() - begin))));
        }
    }

    private static Duration share(Duration took) {
        Duration share = took.multipliedBy(SHARE);
        return share.compareTo(LONGEST_SHARE) < 0 ? share : LONGEST_SHARE;
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) > 0 ? one : other;
    }

    /** Whether a look for one is a look for the other: each load of a script makes new fires. */
    private static boolean isAlike(ServedSchedule one, ServedSchedule other) {
        return one.fires().schedule().equals(other.fires().schedule())
                && one.pipeline().equals(other.pipeline())
                && one.script().equals(other.script())
                && one.timing().equals(other.timing())
                && one.catchUp().equals(other.catchUp());
    }

    /** Ends the looks; one that waits for a folder of the network is left. */
    @Override
    public void close() {
        synchronized (this) {
            served.values().forEach(each -> each.isStopped = true);
        }
        quick.shutdownNow();
        slow.shutdownNow();
        try {
            var unused = quick.awaitTermination(CLOSING_SECONDS, TimeUnit.SECONDS)
                    && slow.awaitTermination(CLOSING_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
