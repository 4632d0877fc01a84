package dev.emrys.scheduler;

import com.google.common.util.concurrent.Uninterruptibles;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Calls the ticks of a {@link Scheduler} when they are due. Thread-safe. */
public final class SchedulerThread implements AutoCloseable {
    private final InstantSource clock;
    private final Consumer<Throwable> bug;
    private final Semaphore wakeUps = new Semaphore(0);
    private volatile boolean closed;
    private @Nullable Thread thread;

    /** @param bug is given what a tick throws, which is a bug; the ticks go on */
    public SchedulerThread(InstantSource clock, Consumer<Throwable> bug) {
        this.clock = clock;
        this.bug = bug;
    }

    /** Makes the next tick come now; to be given to the scheduler. */
    public void wakeUp() {
        wakeUps.release();
    }

    /** Starts the ticks. */
    public synchronized void start(Scheduler scheduler) {
        Thread started = new Thread(() -> loop(scheduler), "emrys-scheduler");
        started.setDaemon(true);
        started.start();
        thread = started;
    }

    private void loop(Scheduler scheduler) {
        while (!closed) {
            Duration wait = Scheduler.POLL;
            try {
                Instant next = scheduler.tick();
                wait = Duration.between(clock.instant(), next);
            } catch (RuntimeException | Error e) {
                bug.accept(e);
            }
            try {
                // At most the time of a poll: a clock that is set forward, or a suspended machine, is seen then.
                long millis = Math.max(0, Math.min(wait.toMillis() + 1, Scheduler.POLL.toMillis()));
                if (!wait.isNegative() && !wait.isZero() && wakeUps.tryAcquire(millis, TimeUnit.MILLISECONDS)) {
                    wakeUps.drainPermits();
                }
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /** Ends the ticks, after the one that is being done. */
    @Override
    public void close() {
        closed = true;
        wakeUp();
        Thread started;
        synchronized (this) {
            started = thread;
        }
        if (started != null) {
            Uninterruptibles.joinUninterruptibly(started);
        }
    }
}
