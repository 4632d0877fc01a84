package dev.emrys.journal;

import com.google.common.annotations.VisibleForTesting;
import dev.emrys.sqlite.SqliteConnection;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The journal in one SQLite file of a state folder, {@code journal.db}, beside a file of locks, {@code runs.lock},
 * which exists while a process drives a run. Several processes may use it at the same time. One thread of this process
 * writes, and commits in groups. A write waits for as long as another process has locked the file. Thread-safe.
 */
public final class SqliteJournal implements Journal {
    /** In the state folder; SQLite keeps files beside it, with {@code -wal} and {@code -shm} after its name. */
    public static final String FILE = "journal.db";

    /**
     * In the state folder: the locks of the runs. Processes keep files with a number after this name there for a
     * moment.
     */
    public static final String LOCKS_FILE = "runs.lock";

    private final RunLocks locks;
    private final GroupCommit writer;
    private final SqliteReader reader;
    private final SqliteEventLog events;
    private final SqliteRunCatalog runs;
    private final SqliteRunLease leases;
    private final SqliteControlInbox inbox;
    private final SqliteSnapshotStore snapshots;
    private final SqliteScheduleStore schedules;
    private final SqliteTokenBuckets tokens;

    /**
     * Opens the journal of a state folder. Creates it when it is missing, and changes one of an older version to this
     * version.
     *
     * @param warnings is given, for people, what lasts: a lock of another process after 5 s and then every minute, and
     *     control requests that this version does not know; called on any thread
     * @throws JournalException when the folder cannot be written, the file is not a journal or one of a newer version,
     *     or an older Emrys drives a run of an older journal
     */
    public static SqliteJournal open(Path stateFolder, Consumer<String> warnings) {
        return open(stateFolder, warnings, InstantSource.system());
    }

    /**
     * As {@link #open(Path, Consumer)}.
     *
     * @param clock by which token buckets are filled: one for all processes
     */
    public static SqliteJournal open(Path stateFolder, Consumer<String> warnings, InstantSource clock) {
        return open(stateFolder, Patience.DEFAULT, warnings, clock);
    }

    @VisibleForTesting
    static SqliteJournal open(Path stateFolder, Patience patience, Consumer<String> warnings) {
        return open(stateFolder, patience, warnings, InstantSource.system());
    }

    private static SqliteJournal open(
            Path stateFolder, Patience patience, Consumer<String> warnings, InstantSource clock) {
        try {
            Files.createDirectories(stateFolder);
        } catch (IOException e) {
            throw new JournalException(
                    "The state folder " + stateFolder + " cannot be created: " + why(e)
                            + ".\n    Give this user the right to write there, or name another folder with --state.",
                    e);
        }
        SqliteFile file = new SqliteFile(stateFolder.resolve(FILE), patience, warnings);
        file.refuseTruncated();
        SqliteConnection connection = file.connect();
        try {
            FirstVersionLocks firstVersionLocks = new FirstVersionLocks(stateFolder.resolve("locks"));
            new SqliteMigrations(file, connection, firstVersionLocks::retire).apply();
            return new SqliteJournal(stateFolder, file, connection, warnings, clock);
        } catch (RuntimeException e) {
            // It may hold the lock of the file, which other processes need.
            try {
                connection.close();
            } catch (SQLException alsoFailed) {
                e.addSuppressed(alsoFailed);
            }
            throw e;
        }
    }

    /** The message of a file system's exception is a path only. */
    private static String why(IOException e) {
        if (e instanceof AccessDeniedException denied) {
            return "this user may not write " + denied.getFile();
        }
        if (e instanceof FileAlreadyExistsException file) {
            return file.getFile() + " is not a folder";
        }
        return e.getClass().getSimpleName() + " " + e.getMessage();
    }

    private SqliteJournal(
            Path stateFolder,
            SqliteFile file,
            SqliteConnection connection,
            Consumer<String> warnings,
            InstantSource clock) {
        RunWriteState writeState = new RunWriteState();
        this.locks = new RunLocks(stateFolder.resolve(LOCKS_FILE));
        this.writer = new GroupCommit(file, connection);
        this.reader = new SqliteReader(file);
        this.events = new SqliteEventLog(writer, reader, writeState);
        this.runs = new SqliteRunCatalog(locks, writer, reader);
        this.leases = new SqliteRunLease(locks, writer, reader, writeState);
        this.inbox = new SqliteControlInbox(file, writer, warnings);
        this.snapshots = new SqliteSnapshotStore(writer, reader, writeState);
        this.schedules = new SqliteScheduleStore(writer, reader);
        this.tokens = new SqliteTokenBuckets(writer, clock);
    }

    /** For tests: what a full disk or a broken write does. */
    @VisibleForTesting
    GroupCommit writer() {
        return writer;
    }

    @Override
    public EventLog events() {
        return events;
    }

    @Override
    public RunCatalog runs() {
        return runs;
    }

    @Override
    public RunLease leases() {
        return leases;
    }

    @Override
    public ControlInbox inbox() {
        return inbox;
    }

    @Override
    public SnapshotStore snapshots() {
        return snapshots;
    }

    @Override
    public ScheduleStore schedules() {
        return schedules;
    }

    @Override
    public TokenBuckets tokens() {
        return tokens;
    }

    @Override
    public CompletableFuture<@Nullable Void> lost() {
        return inbox.lost();
    }

    @Override
    public void close() {
        try {
            inbox.close();
        } finally {
            try {
                writer.close();
            } finally {
                reader.close();
                locks.close();
            }
        }
    }
}
