package dev.emrys.local;

import dev.emrys.emulator.Emulator;
import dev.emrys.emulator.EmulatorPorts;
import dev.emrys.emulator.EmulatorSettings;
import dev.emrys.emulator.Faults;
import dev.emrys.emulator.IdSource;
import dev.emrys.emulator.wire.WireServer;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * The owner process of a local account: the emulator behind a loopback port, and the supervisors of its steps. There is one per
 * account, by a kernel lock; it goes when it has had no cluster for a while, and whoever needs it next starts it again.
 */
public final class Owner {
    private static final int TOKEN_BYTES = 24;

    private Owner() {}

    /**
     * Runs until the account has been without a cluster for {@code idle}. Returns at once when another process owns it.
     *
     * @throws IOException when the account's folder cannot be used
     */
    public static void run(Account account, Toolkits toolkits, Duration idle) throws IOException {
        account.create();
        try (FileChannel channel =
                FileChannel.open(account.ownerLock(), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            FileLock lock = channel.tryLock();
            if (lock == null) {
                return;
            }
            serve(account, toolkits, idle);
        }
    }

    private static void serve(Account account, Toolkits toolkits, Duration idle) throws IOException {
        InstantSource clock = InstantSource.system();
        ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "emrys-timer");
            thread.setDaemon(true);
            return thread;
        });
        byte[] token = new byte[TOKEN_BYTES];
        SecureRandom random = new SecureRandom();
        random.nextBytes(token);
        OwnerAddress address;
        try (SqliteStore store = new SqliteStore(account.database());
                Supervisors supervisors = new Supervisors(account, toolkits, clock);
                Emulator emulator = new Emulator(
                        new EmulatorPorts(
                                clock,
                                (when, action) -> {
                                    long wait = Duration.between(clock.instant(), when)
                                            .toMillis();
                                    var unused = timer.schedule(action, Math.max(0, wait), TimeUnit.MILLISECONDS);
                                },
                                IdSource.of(random),
                                supervisors,
                                store,
                                Faults.NONE),
                        EmulatorSettings.DEFAULT)) {
            emulator.recover();
            try (WireServer server = new WireServer(emulator, HexFormat.of().formatHex(token), 0)) {
                address = new OwnerAddress(
                        server.port(),
                        HexFormat.of().formatHex(token),
                        ProcessHandle.current().pid());
                address.write(account.ownerFile());
                stayWhileNeeded(account, address, emulator, clock, idle);
                Files.deleteIfExists(account.ownerFile());
            }
        } catch (SQLException e) {
            throw new IOException(
                    "The emulator's state " + account.database() + " cannot be used: " + e.getMessage(), e);
        } finally {
            timer.shutdownNow();
        }
    }

    private static void stayWhileNeeded(
            Account account, OwnerAddress address, Emulator emulator, InstantSource clock, Duration idle)
            throws IOException {
        Instant lastNeeded = clock.instant();
        while (Files.isDirectory(account.folder())) {
            if (!Files.exists(account.ownerFile())) {
                // Somebody has cleaned up too much: without it nobody finds us, and nobody can take our place.
                address.write(account.ownerFile());
            }
            if (emulator.hasLiveClusters()) {
                lastNeeded = clock.instant();
            } else {
                Instant active = emulator.lastActivity();
                lastNeeded = active.isAfter(lastNeeded) ? active : lastNeeded;
                if (clock.instant().isAfter(lastNeeded.plus(idle))) {
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
