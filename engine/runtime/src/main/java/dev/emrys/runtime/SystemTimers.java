package dev.emrys.runtime;

import com.google.common.util.concurrent.ThreadFactoryBuilder;
import dev.emrys.drive.Timers;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Timers on one thread of their own, which keep to the wall clock as {@link SuspendAwareTimers} say. Thread-safe. */
final class SystemTimers implements Timers, AutoCloseable {
    private final ScheduledExecutorService thread;
    private final SuspendAwareTimers timers;

    SystemTimers(InstantSource clock, String threadName) {
        this.thread = Executors.newSingleThreadScheduledExecutor(new ThreadFactoryBuilder()
                .setNameFormat(threadName)
                .setDaemon(true)
                .build());
        this.timers = new SuspendAwareTimers(clock, System::nanoTime, this::in);
    }

    private void in(Duration wait, Runnable action) {
        if (!thread.isShutdown()) {
            var unused = thread.schedule(action, wait.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    @Override
    public Scheduled at(Instant due, Runnable action) {
        return timers.at(due, action);
    }

    /** Drops what is not due yet. */
    @Override
    public void close() {
        thread.shutdownNow();
    }
}
