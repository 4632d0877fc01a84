package dev.emrys.local;

import com.google.common.util.concurrent.MoreExecutors;
import com.google.common.util.concurrent.ThreadFactoryBuilder;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Prepares steps beside the thread that watches them, because that may take minutes: pip or Maven downloads, Python is
 * asked for its packages, another process holds a lock. One at a time per cluster, in the order of the steps, and at
 * most {@value #THREADS} of an account. Thread-safe.
 */
final class LaunchThreads implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LaunchThreads.class);

    /** They mostly wait for processes and downloads. */
    static final int THREADS = 8;

    private final ExecutorService threads = Executors.newFixedThreadPool(
            THREADS,
            new ThreadFactoryBuilder()
                    .setNameFormat("emrys-launch-%d")
                    .setDaemon(true)
                    .build());

    /** By cluster, while it has something to prepare; guards itself. */
    private final Map<String, Queue> queues = new HashMap<>();

    private static final class Queue {
        final Executor inOrder;
        int open;

        Queue(Executor inOrder) {
            this.inOrder = inOrder;
        }
    }

    /**
     * Prepares a step, and then runs what {@code preparation} returns in {@code then}; nothing if the future is
     * cancelled before. A cancellation also interrupts the preparation.
     *
     * @param preparation must not throw
     */
    Future<?> submit(String clusterId, Supplier<Runnable> preparation, Executor then) {
        FutureTask<Runnable> task = new FutureTask<>(preparation::get);
        Executor queue = enter(clusterId);
        try {
            queue.execute(() -> {
                try {
                    task.run();
                } finally {
                    // Before what follows, which may end the step and so the cluster.
                    leave(clusterId);
                }
                continueWith(task, then);
            });
        } catch (RejectedExecutionException e) {
            leave(clusterId);
            throw e;
        }
        return task;
    }

    private static void continueWith(FutureTask<Runnable> task, Executor then) {
        try {
            then.execute(task.get());
        } catch (CancellationException e) {
            LOG.debug("A step was cancelled while it was prepared.", e);
        } catch (RejectedExecutionException e) {
            LOG.debug("The next owner process starts the step.", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException e) {
            throw new IllegalStateException("A preparation must not throw.", e.getCause());
        }
    }

    private Executor enter(String clusterId) {
        synchronized (queues) {
            Queue queue =
                    queues.computeIfAbsent(clusterId, id -> new Queue(MoreExecutors.newSequentialExecutor(threads)));
            queue.open++;
            return queue.inOrder;
        }
    }

    private void leave(String clusterId) {
        synchronized (queues) {
            Queue queue = queues.get(clusterId);
            if (queue != null && --queue.open == 0) {
                queues.remove(clusterId);
            }
        }
    }

    /** Whether a step of the cluster is being prepared, also one that was cancelled meanwhile. */
    boolean isBusy(String clusterId) {
        synchronized (queues) {
            return queues.containsKey(clusterId);
        }
    }

    /** Interrupts all. What they were preparing is not continued. */
    @Override
    public void close() {
        threads.shutdownNow();
    }
}
