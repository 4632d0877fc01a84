package dev.emrys.journal;

import com.google.common.collect.ImmutableList;
import com.google.common.util.concurrent.ThreadFactoryBuilder;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Appends the events of this process. What arrives during a commit shares the next one: one statement, one transaction
 * and one round trip for the appends of many runs. Each run's row is locked meanwhile, with its fencing token and the
 * number of its newest event, so that a takeover comes before the append or after it. Thread-safe.
 *
 * <p>A server that cannot be reached, or is being restarted, is waited for, for as long as it takes. Whether a commit
 * whose reply is lost has happened is seen by the run's newest event, which this process alone may write.
 */
final class PostgresWriter implements AutoCloseable {
    /** Appends that share a commit, and their rows: few enough to keep the locks of the runs for milliseconds only. */
    private static final int MAX_GROUP = 512;

    private static final int MAX_ROWS = 4_096;

    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
    private static final Duration FIRST_WARNING = Duration.ofSeconds(5);
    private static final Duration NEXT_WARNING = Duration.ofMinutes(1);
    /** How long a close waits for a server that cannot be reached. */
    private static final Duration CLOSING = Duration.ofSeconds(10);

    private final PostgresDatabase database;
    private final Consumer<String> warnings;
    private final Deque<Append> queue = new ArrayDeque<>();
    private final ExecutorService thread = Executors.newSingleThreadExecutor(new ThreadFactoryBuilder()
            .setNameFormat("emrys-journal")
            .setDaemon(true)
            .build());
    private boolean closed;
    private volatile long closedAtNanos;

    PostgresWriter(PostgresDatabase database, Consumer<String> warnings) {
        this.database = database;
        this.warnings = warnings;
    }

    CompletableFuture<@Nullable Void> append(
            Lease lease, long firstSeq, ImmutableList<EventRow> rows, EventRow.@Nullable RunEnd end) {
        Append append = new Append(lease, firstSeq, rows, end);
        synchronized (queue) {
            if (closed) {
                append.done().completeExceptionally(PostgresDatabase.closed());
                return append.done();
            }
            queue.add(append);
            // Within the lock: nothing is given to the thread after it was shut down.
            thread.execute(this::writeNext);
        }
        return append.done();
    }

    /** Runs once for each append, often with nothing left to do. */
    private void writeNext() {
        ImmutableList<Append> group = gather();
        if (!group.isEmpty()) {
            write(group);
        }
    }

    /** What can be one statement: of a run only appends that follow each other. */
    private ImmutableList<Append> gather() {
        ImmutableList.Builder<Append> group = ImmutableList.builder();
        Map<String, Append> newest = new LinkedHashMap<>();
        int count = 0;
        int rows = 0;
        synchronized (queue) {
            while (count < MAX_GROUP && rows < MAX_ROWS && !queue.isEmpty()) {
                Append next = queue.getFirst();
                Append before = newest.put(next.lease().run(), next);
                if (before != null
                        && (before.lease().token() != next.lease().token()
                                || before.newestSeq() + 1 != next.firstSeq())) {
                    return group.build();
                }
                group.add(queue.removeFirst());
                count++;
                rows += next.rows().size();
            }
        }
        return group.build();
    }

    private void write(ImmutableList<Append> group) {
        long begin = System.nanoTime();
        long warnAfter = FIRST_WARNING.toNanos();
        Duration pause = FIRST_PAUSE;
        ImmutableList<Append> left = group;
        boolean uncertain = false;
        while (true) {
            try {
                if (uncertain) {
                    left = notYetWritten(left);
                }
                if (!left.isEmpty()) {
                    settle(left, accepted(left));
                }
                return;
            } catch (SQLException e) {
                if (!PostgresDatabase.isTransient(e) || isClosingTooLong()) {
                    failOrSplit(left, e);
                    return;
                }
                long waited = System.nanoTime() - begin;
                if (waited >= warnAfter) {
                    warnings.accept(database.unusable(e).getMessage() + "\n    Its runs wait until it answers, since "
                            + TimeUnit.NANOSECONDS.toSeconds(waited) + " s.");
                    warnAfter = waited + NEXT_WARNING.toNanos();
                }
                pause(pause);
                pause = longer(pause);
                uncertain = true;
            } catch (Throwable e) {
                // Errors too: when this ends without a report, every caller waits for ever.
                fail(left, new JournalException("The journal cannot be written: " + e.getMessage(), e));
                return;
            }
        }
    }

    private static Duration longer(Duration pause) {
        Duration twice = pause.multipliedBy(2);
        return twice.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : twice;
    }

    private void pause(Duration duration) {
        try {
            synchronized (queue) {
                if (!closed) {
                    queue.wait(duration.toMillis());
                    return;
                }
            }
            TimeUnit.MILLISECONDS.sleep(FIRST_PAUSE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean isClosingTooLong() {
        synchronized (queue) {
            return closed && System.nanoTime() - closedAtNanos > CLOSING.toNanos();
        }
    }

    /** The ids of the runs whose appends were written. */
    private Set<String> accepted(ImmutableList<Append> group) throws SQLException {
        return database.use(connection -> AppendStatement.execute(connection, group));
    }

    private void settle(ImmutableList<Append> group, Set<String> accepted) throws SQLException {
        List<Append> refused = new ArrayList<>();
        for (Append append : group) {
            if (accepted.contains(append.lease().run())) {
                append.done().complete(null);
            } else {
                refused.add(append);
            }
        }
        if (!refused.isEmpty()) {
            refuse(refused);
        }
    }

    private record Newest(long token, long seq) {}

    private Map<String, Newest> newest(List<Append> appends) throws SQLException {
        return database.use(connection -> {
            try (PreparedStatement select =
                    connection.prepareStatement("SELECT id, lease_token, last_seq FROM runs WHERE id = ANY (?)")) {
                select.setArray(
                        1,
                        AppendStatement.array(
                                connection,
                                "text",
                                appends,
                                append -> append.lease().run()));
                Map<String, Newest> found = new LinkedHashMap<>();
                try (ResultSet rows = select.executeQuery()) {
                    while (rows.next()) {
                        found.put(rows.getString(1), new Newest(rows.getLong(2), rows.getLong(3)));
                    }
                }
                return found;
            }
        });
    }

    private void refuse(List<Append> refused) throws SQLException {
        Map<String, Newest> newest = newest(refused);
        for (Append append : refused) {
            append.done()
                    .completeExceptionally(
                            reason(append, newest.get(append.lease().run())));
        }
    }

    private static JournalException reason(Append append, @Nullable Newest newest) {
        String run = append.lease().run();
        if (newest == null) {
            return JournalException.noSuchRun(run);
        }
        if (newest.token() != append.lease().token()) {
            return new LeaseLostException(append.lease(), newest.token());
        }
        try {
            RunWriteState.refuseOutOfOrder(run, append.firstSeq(), newest.seq() + 1);
        } catch (JournalException e) {
            return e;
        }
        // The first of several appends was refused, and this one follows it.
        return new JournalException(
                "The events of run " + run + " before " + append.firstSeq() + " were not written.", null);
    }

    /** Completes those that a commit whose reply was lost has written. */
    private ImmutableList<Append> notYetWritten(ImmutableList<Append> group) throws SQLException {
        Map<String, Newest> newest = newest(group);
        ImmutableList.Builder<Append> left = ImmutableList.builder();
        for (Append append : group) {
            Newest run = newest.get(append.lease().run());
            if (run != null && run.token() == append.lease().token() && run.seq() >= append.newestSeq()) {
                append.done().complete(null);
            } else {
                left.add(append);
            }
        }
        return left.build();
    }

    /** One append may be the cause: each is tried alone, in order. */
    private void failOrSplit(ImmutableList<Append> group, SQLException cause) {
        if (group.size() > 1 && !PostgresDatabase.isTransient(cause)) {
            group.forEach(append -> write(ImmutableList.of(append)));
        } else {
            fail(group, database.unusable(cause));
        }
    }

    private static void fail(ImmutableList<Append> group, JournalException failure) {
        group.forEach(append -> append.done().completeExceptionally(failure));
    }

    /** Writes what is queued; what a server that cannot be reached keeps from that fails after 10 s. */
    @Override
    public void close() {
        synchronized (queue) {
            if (!closed) {
                closed = true;
                closedAtNanos = System.nanoTime();
                queue.notifyAll();
                thread.shutdown();
            }
        }
        boolean interrupted = false;
        while (true) {
            try {
                if (thread.awaitTermination(1, TimeUnit.SECONDS)) {
                    break;
                }
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
