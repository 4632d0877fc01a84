package dev.emrys.local;

import com.google.common.collect.ImmutableList;
import com.google.common.util.concurrent.ThreadFactoryBuilder;
import dev.emrys.emulator.Emulator;
import dev.emrys.emulator.EmulatorPorts;
import dev.emrys.emulator.EmulatorSettings;
import dev.emrys.emulator.Faults;
import dev.emrys.emulator.IdSource;
import dev.emrys.sqlite.FileIdentity;
import dev.emrys.storage.StorageCredential;
import java.io.IOException;
import java.net.URI;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * The emulator of an account over its folder, in the process that has the account's lock: with its store, and the
 * runner of its steps.
 */
final class AccountEmulator implements AutoCloseable {
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(new ThreadFactoryBuilder()
            .setNameFormat("emrys-timer")
            .setDaemon(true)
            .build());
    private final SqliteStore store;
    private final AccountStorage storage;
    private final LocalStepRunner runner;
    private final Emulator emulator;

    /**
     * Continues from what is stored, also with steps that still run.
     *
     * @param lock the account's, which this process has
     * @param clients keys for S3 besides that of the steps
     * @throws IOException when the folder or the database cannot be used
     */
    AccountEmulator(
            Account account,
            FileIdentity lock,
            Distributions distributions,
            EmulatorSettings settings,
            ImmutableList<StorageCredential> clients)
            throws IOException {
        InstantSource clock = InstantSource.system();
        // SQLite gives the files beside it the same mode.
        PrivateFiles.createFile("file", account.database());
        this.store = store(account, lock);
        boolean opened = false;
        AccountStorage served = null;
        try {
            served = new AccountStorage(account, settings.region(), settings.accountId(), clients, clock);
            this.storage = served;
            this.runner = new LocalStepRunner(account, distributions, clock, storage);
            this.emulator = new Emulator(
                    new EmulatorPorts(
                            clock,
                            (when, action) -> {
                                long wait =
                                        Duration.between(clock.instant(), when).toMillis();
                                var unused = timer.schedule(action, Math.max(0, wait), TimeUnit.MILLISECONDS);
                            },
                            IdSource.of(new SecureRandom()),
                            runner,
                            store,
                            Faults.NONE),
                    settings);
            emulator.recover();
            opened = true;
        } finally {
            if (!opened) {
                timer.shutdownNow();
                if (served != null) {
                    served.close();
                }
                store.close();
            }
        }
    }

    private static SqliteStore store(Account account, FileIdentity lock) throws IOException {
        try {
            return new SqliteStore(account.database(), lock);
        } catch (SQLException e) {
            throw new IOException(
                    "The emulator's state " + account.database() + " cannot be used: " + e.getMessage(), e);
        }
    }

    Emulator emulator() {
        return emulator;
    }

    /** Whether this process is of use without a cluster too: for a time of minutes. */
    boolean isPreparing() {
        return runner.isPreparing();
    }

    /** The endpoint of S3 and CloudWatch Logs. */
    URI storage() {
        return storage.uri();
    }

    /** What is stored is kept; running steps go on. */
    @Override
    public void close() {
        emulator.close();
        runner.close();
        storage.close();
        store.close();
        timer.shutdownNow();
    }
}
