package dev.emrys.notify;

import com.google.common.util.concurrent.ThreadFactoryBuilder;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/** Daemon threads for a notifier: one per attempt that is under way, and one for the timer. Thread-safe. */
final class NotifierThreads implements RetryTimer, Executor, AutoCloseable {
    private final InstantSource clock;
    private final ExecutorService attempts = Executors.newCachedThreadPool(named("emrys-notify-%d"));
    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(named("emrys-notify-timer"));

    NotifierThreads(InstantSource clock) {
        this.clock = clock;
    }

    private static ThreadFactory named(String format) {
        return new ThreadFactoryBuilder().setNameFormat(format).setDaemon(true).build();
    }

    @Override
    public void execute(Runnable attempt) {
        attempts.execute(attempt);
    }

    @Override
    public Runnable at(Instant due, Runnable action) {
        Duration wait = Duration.between(clock.instant(), due);
        Future<?> scheduled = timer.schedule(action, wait.toNanos(), TimeUnit.NANOSECONDS);
        return () -> scheduled.cancel(false);
    }

    /** Interrupts the attempts that are under way, and waits for none. */
    @Override
    public void close() {
        timer.shutdownNow();
        attempts.shutdownNow();
    }
}
