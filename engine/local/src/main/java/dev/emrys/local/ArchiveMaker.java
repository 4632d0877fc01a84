package dev.emrys.local;

import com.google.common.util.concurrent.ThreadFactoryBuilder;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the class-data archive of Spark in the background, when the first step of Spark has ended. A failure is logged,
 * and the next owner process tries again. Thread-safe.
 */
final class ArchiveMaker implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ArchiveMaker.class);

    /** How long the end of a killed process may take. */
    private static final int END_SECONDS = 5;

    /** What makes the archive unless there is one; interrupted when it shall stop. */
    interface Archive {
        void make() throws IOException, InterruptedException;
    }

    /** The release labels whose archive was begun. */
    private final Set<String> begun = ConcurrentHashMap.newKeySet();

    private volatile boolean busy;
    private final ExecutorService thread = Executors.newSingleThreadExecutor(new ThreadFactoryBuilder()
            .setNameFormat("emrys-class-archive")
            .setDaemon(true)
            .build());

    /**
     * A step has ended, whichever way.
     *
     * @param release the label of its cluster
     */
    void stepEnded(LocalStep step, String release, Archive archive) {
        if (Distribution.neededBy(step).contains(Distribution.SPARK) && begun.add(release)) {
            busy = true;
            try {
                thread.execute(() -> make(archive));
            } catch (RejectedExecutionException e) {
                busy = false;
                LOG.debug("The class-data archive is made by the next owner process.", e);
            }
        }
    }

    /** Whether the archive is being made. */
    boolean isBusy() {
        return busy;
    }

    private void make(Archive archive) {
        try {
            archive.make();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException | RuntimeException e) {
            LOG.warn("Steps of Spark start more slowly: their class-data archive could not be made.", e);
        } finally {
            busy = false;
        }
    }

    /** Ends the process that makes the archive. */
    @Override
    public void close() {
        thread.shutdownNow();
        try {
            var unused = thread.awaitTermination(END_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
