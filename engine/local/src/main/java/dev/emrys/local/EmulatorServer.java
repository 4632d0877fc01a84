package dev.emrys.local;

import com.google.common.base.Throwables;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.emrys.emulator.Emulator;
import dev.emrys.emulator.EmulatorSettings;
import dev.emrys.emulator.FaultRule;
import dev.emrys.emulator.wire.WireServer;
import dev.emrys.sqlite.FileIdentity;
import dev.emrys.sqlite.ProcessLock;
import dev.emrys.storage.StorageCredential;
import java.io.IOException;
import java.net.BindException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * An EMR endpoint on the loopback interface for clients of any kind, over the folders of one or more accounts: it stays
 * until it is closed. {@link Owner} is the one that a run starts by itself. Thread-safe.
 */
public final class EmulatorServer implements AutoCloseable {
    /**
     * About what EMR takes for a cluster of a few instances, without bootstrap actions that take long; EMR states no
     * times.
     */
    private static final Duration STARTING = Duration.ofMinutes(4);

    private static final Duration BOOTSTRAPPING = Duration.ofMinutes(2);
    private static final Duration TERMINATING = Duration.ofMinutes(1);

    private final List<AutoCloseable> parts = new ArrayList<>();
    private final List<Emulator> emulators = new ArrayList<>();
    private final List<FileIdentity> files = new ArrayList<>();
    private final List<Account> accounts = new ArrayList<>();
    private final List<URI> storage = new ArrayList<>();
    private final WireServer server;

    /**
     * An account to serve.
     *
     * @param accessKey the access key id that its clients send: a program that knows it runs steps as this user
     * @param secretKey signs requests to S3; EMR's endpoint accepts any signature
     * @param id twelve digits, as in ARNs
     * @param region as in ARNs
     * @param realTimes whether clusters take as long as on EMR to start and to end; else they take no time
     * @param quotas whether calls beyond EMR's default quotas are throttled
     * @param faults a JSON file of fault rules, read once
     */
    public record Served(
            Account account,
            String accessKey,
            String secretKey,
            String id,
            String region,
            boolean realTimes,
            boolean quotas,
            Optional<Path> faults) {
        private EmulatorSettings settings() {
            EmulatorSettings standard = EmulatorSettings.DEFAULT;
            EmulatorSettings instant = new EmulatorSettings(
                    region,
                    id,
                    Duration.ZERO,
                    Duration.ZERO,
                    Duration.ZERO,
                    standard.maxActiveClusters(),
                    standard.retention(),
                    quotas);
            return realTimes ? instant.withDelays(STARTING, BOOTSTRAPPING, TERMINATING) : instant;
        }
    }

    /** Another process serves the account. */
    public static final class InUseException extends IOException {
        InUseException(Account account) {
            super(account.folder() + " is used by another process");
        }
    }

    /** As {@link #start(ImmutableList, Distributions, int, int)}, with as many steps as {@link MachineSize} says. */
    public static EmulatorServer start(ImmutableList<Served> accounts, Distributions distributions, int port)
            throws IOException {
        return start(accounts, distributions, port, MachineSize.steps());
    }

    /**
     * Continues each account from what is stored in it, and listens.
     *
     * @param accounts with different folders and access keys; the first one's folder has the log
     * @param port 0 for any free one
     * @param maxRunningSteps how many steps of each account run at the same time; the others wait
     * @throws FaultFile.UnusableException when a file of fault rules cannot be read, or is wrong
     * @throws InUseException when another process serves one of the accounts
     * @throws IOException when a folder cannot be used
     * @throws BindException when the port is in use
     * @throws UntrustedFileException when an account belongs to another user, or other users may write it
     */
    public static EmulatorServer start(
            ImmutableList<Served> accounts, Distributions distributions, int port, int maxRunningSteps)
            throws IOException {
        return new EmulatorServer(accounts, distributions, port, maxRunningSteps);
    }

    private EmulatorServer(ImmutableList<Served> accounts, Distributions distributions, int port, int maxRunningSteps)
            throws IOException {
        boolean started = false;
        try {
            ImmutableMap.Builder<String, Emulator> byKey = ImmutableMap.builder();
            for (Served served : accounts) {
                byKey.put(served.accessKey(), open(served, distributions, maxRunningSteps));
            }
            this.server = listen(byKey.buildOrThrow(), port);
            started = true;
        } finally {
            if (!started) {
                closeParts();
            }
        }
    }

    private static WireServer listen(ImmutableMap<String, Emulator> byKey, int port) throws IOException {
        try {
            return new WireServer(byKey, port);
        } catch (IOException e) {
            // The HTTP server gives it as a cause.
            Throwables.throwIfInstanceOf(Throwables.getRootCause(e), BindException.class);
            throw e;
        }
    }

    private Emulator open(Served served, Distributions distributions, int maxRunningSteps) throws IOException {
        ImmutableList<FaultRule> faults = FaultFile.read(served.faults());
        Account account = served.account();
        account.check();
        account.create();
        Optional<ProcessLock> lock =
                ProcessLock.tryAcquire(account.ownerLock(), PrivateFiles.attributesOfFile(account.ownerLock()));
        ProcessLock held = lock.orElseThrow(() -> new InUseException(account));
        parts.add(held);
        if (emulators.isEmpty()) {
            parts.add(new OwnerLog(account));
        }
        AccountEmulator opened = new AccountEmulator(
                account,
                held.identity(),
                distributions,
                served.settings().withMaxRunningSteps(maxRunningSteps),
                ImmutableList.of(new StorageCredential(served.accessKey(), served.secretKey(), false)));
        parts.add(opened);
        opened.emulator().faultRules().add(faults);
        accounts.add(account);
        files.add(held.identity());
        files.add(FileIdentity.of(account.database()));
        storage.add(opened.storage());
        emulators.add(opened.emulator());
        return opened.emulator();
    }

    /** The endpoint for AWS clients. */
    public URI uri() {
        return server.uri();
    }

    /** The endpoints of S3 and CloudWatch Logs, in the order of the accounts. Each keeps its port where it can. */
    public ImmutableList<URI> storage() {
        return ImmutableList.copyOf(storage);
    }

    /**
     * A file of an account that was removed or replaced: then nothing more can be stored, and another process may begin
     * to serve it.
     */
    public Optional<String> lostFile() {
        return files.stream().filter(file -> !file.isCurrent()).findFirst().map(FileIdentity::toString);
    }

    /** Whether any cluster of any account has not ended yet. */
    public boolean hasLiveClusters() {
        return emulators.stream().anyMatch(Emulator::hasLiveClusters);
    }

    /**
     * Stops to listen, so that no client starts another one, and ends every cluster, also protected ones, with their
     * steps. Does not wait.
     *
     * @param reason shown as the message of the clusters' state change
     */
    public void terminateAll(String reason) {
        server.close();
        emulators.forEach(emulator -> emulator.terminateAll(reason));
    }

    /**
     * Stops to listen. What is stored is kept; running steps go on, and the next process that serves their account
     * finds them. Those of an account that was removed are killed: no later process knows them.
     */
    @Override
    public void close() throws IOException {
        server.close();
        closeParts();
        accounts.stream().filter(account -> !account.exists()).forEach(StepProcess::killAccount);
    }

    private void closeParts() throws IOException {
        IOException failed = null;
        for (AutoCloseable part : ImmutableList.copyOf(parts).reverse()) {
            try {
                part.close();
            } catch (Exception e) {
                failed = e instanceof IOException io ? io : new IOException(e.getMessage(), e);
            }
        }
        parts.clear();
        if (failed != null) {
            throw failed;
        }
    }
}
