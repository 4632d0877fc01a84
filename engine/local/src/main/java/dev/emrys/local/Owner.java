package dev.emrys.local;

import com.google.common.collect.ImmutableList;
import dev.emrys.emulator.Emulator;
import dev.emrys.emulator.EmulatorSettings;
import dev.emrys.emulator.wire.WireServer;
import dev.emrys.sqlite.FileIdentity;
import dev.emrys.sqlite.ProcessLock;
import java.io.IOException;
import java.nio.file.Files;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The owner process of a local account: the emulator behind a loopback port, and the runner of its steps. A file lock
 * allows one per account. It ends when the account has had no cluster for some time, and when its lock, database or
 * address is no longer the file that it opened; {@link OwnerProcess} starts it again.
 */
public final class Owner {
    private static final Logger LOG = LoggerFactory.getLogger(Owner.class);
    private static final int TOKEN_BYTES = 24;

    private Owner() {}

    /** As {@link #run(Account, Distributions, Duration, int)}, with as many steps as {@link MachineSize} says. */
    public static void run(Account account, Distributions distributions, Duration idle) throws IOException {
        run(account, distributions, idle, MachineSize.steps());
    }

    /**
     * Runs until the account has had no cluster for {@code idle}. Returns at once when another process owns the
     * account.
     *
     * @param maxRunningSteps how many steps of the account run at the same time; the others wait
     * @throws IOException when the account's folder cannot be used
     * @throws UntrustedFileException when it belongs to another user, or other users may write it
     */
    public static void run(Account account, Distributions distributions, Duration idle, int maxRunningSteps)
            throws IOException {
        account.check();
        account.create();
        if (PrivateFiles.check("file", account.ownerLock())) {
            PrivateFiles.narrow(account.ownerLock());
        }
        Optional<ProcessLock> lock =
                ProcessLock.tryAcquire(account.ownerLock(), PrivateFiles.attributesOfFile(account.ownerLock()));
        if (lock.isEmpty()) {
            return;
        }
        try (ProcessLock held = lock.get()) {
            // That of an owner process that was killed. Another process may listen on its port meanwhile.
            Files.deleteIfExists(account.ownerFile());
            OwnerLog log = new OwnerLog(account);
            try {
                serve(account, held.identity(), distributions, idle, maxRunningSteps);
            } finally {
                log.close();
            }
        }
    }

    private static void serve(
            Account account, FileIdentity lock, Distributions distributions, Duration idle, int maxRunningSteps)
            throws IOException {
        byte[] token = new byte[TOKEN_BYTES];
        new SecureRandom().nextBytes(token);
        String key = HexFormat.of().formatHex(token);
        EmulatorSettings settings = EmulatorSettings.DEFAULT.withMaxRunningSteps(maxRunningSteps);
        try (AccountEmulator opened = new AccountEmulator(account, lock, distributions, settings, ImmutableList.of())) {
            Emulator emulator = opened.emulator();
            try (WireServer server = new WireServer(emulator, key, 0)) {
                OwnerAddress address = new OwnerAddress(
                        server.port(),
                        key,
                        server.proof(),
                        ProcessHandle.current().pid());
                address.write(account.ownerFile());
                FileIdentity written = FileIdentity.of(account.ownerFile());
                FileIdentity database = FileIdentity.of(account.database());
                serveUntilIdle(ImmutableList.of(lock, database, written), opened, InstantSource.system(), idle);
                if (written.isCurrent()) {
                    Files.deleteIfExists(account.ownerFile());
                }
                if (!account.exists()) {
                    // No later owner process will know its steps.
                    LOG.warn("The state of this account was removed: its steps are killed.");
                    StepProcess.killAccount(account);
                }
            }
        }
    }

    /**
     * Returns also when one of the files is no longer the one that this process opened: then another owner process may
     * begin, or the account was removed. An address file that was removed is not written again, since this would keep
     * the removal of the folder from its end.
     */
    private static void serveUntilIdle(
            ImmutableList<FileIdentity> files, AccountEmulator account, InstantSource clock, Duration idle) {
        Emulator emulator = account.emulator();
        Instant lastUsed = clock.instant();
        while (true) {
            for (FileIdentity file : files) {
                if (!file.isCurrent()) {
                    LOG.warn("The file {} was removed or replaced: this owner process ends.", file);
                    return;
                }
            }
            if (emulator.hasLiveClusters() || account.isPreparing()) {
                lastUsed = clock.instant();
            } else {
                Instant active = emulator.lastActivity();
                lastUsed = active.isAfter(lastUsed) ? active : lastUsed;
                if (clock.instant().isAfter(lastUsed.plus(idle))) {
                    return;
                }
            }
            try {
                TimeUnit.MILLISECONDS.sleep(200);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }
}
