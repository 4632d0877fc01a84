package dev.emrys.runtime;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Streams;
import com.google.common.io.BaseEncoding;
import dev.emrys.journal.SqliteLibrary;
import dev.emrys.local.Account;
import dev.emrys.local.EmulatorServer;
import dev.emrys.local.FaultFile;
import dev.emrys.local.MachineSize;
import dev.emrys.local.UntrustedFileException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * An EMR endpoint on this machine for any AWS client, which executes the steps that it is given: it stays until it is
 * closed. Each account is a folder of its own below the state folder. Thread-safe.
 */
public final class LocalEmulator implements AutoCloseable {
    /** 24 characters in base 32. */
    private static final int KEY_BYTES = 15;

    private static final String ANY_SECRET = "any";

    private final EmulatorServer server;
    private final ImmutableList<Served> accounts;
    private final int maxRunningSteps;

    /**
     * What to serve.
     *
     * @param stateFolder created for this user only when it is missing
     * @param cacheFolder files that can be fetched again
     * @param accounts with different ids and access keys
     * @param port on the loopback address; 0 for any free one
     * @param region as in ARNs
     * @param realTimes whether a cluster takes as long as on EMR to start and to end; else it takes no time
     * @param quotas whether calls beyond EMR's default quotas are throttled
     * @param faults a JSON file of fault rules for each account, read once
     * @param maxRunningSteps how many steps of each account run at the same time; the others wait. Empty: as many as
     *     this machine's processors and memory allow
     */
    public record Settings(
            Path stateFolder,
            Path cacheFolder,
            ImmutableList<Access> accounts,
            int port,
            String region,
            boolean realTimes,
            boolean quotas,
            Optional<Path> faults,
            OptionalInt maxRunningSteps) {
        /** With as many running steps as this machine's processors and memory allow. */
        public Settings(
                Path stateFolder,
                Path cacheFolder,
                ImmutableList<Access> accounts,
                int port,
                String region,
                boolean realTimes,
                boolean quotas,
                Optional<Path> faults) {
            this(stateFolder, cacheFolder, accounts, port, region, realTimes, quotas, faults, OptionalInt.empty());
        }
    }

    /**
     * An account, and who may use it.
     *
     * @param accountId twelve digits, as in ARNs
     * @param accessKey the access key id that clients send; empty for a new one: what listens on the port after this
     *     emulator may know the one before
     */
    public record Access(String accountId, Optional<String> accessKey) {}

    /**
     * An account that is served.
     *
     * @param accessKey the access key id that clients send
     * @param secretKey signs requests to S3; EMR's endpoint accepts any signature
     * @param storage the endpoint of S3 and of CloudWatch Logs
     */
    public record Served(String accountId, String accessKey, String secretKey, URI storage, Path folder) {}

    /**
     * Continues each account from what its folder has, and listens.
     *
     * @throws FaultFileException when the file of fault rules cannot be read, or is wrong
     * @throws AccountInUseException when another process serves one of them
     * @throws java.net.BindException when the port is in use
     * @throws IOException when a folder cannot be used
     * @throws UntrustedStateException when a folder belongs to another user, or other users may write it
     */
    public static LocalEmulator start(Settings settings) throws IOException {
        SqliteLibrary.use(settings.cacheFolder());
        try {
            return new LocalEmulator(settings);
        } catch (FaultFile.UnusableException e) {
            throw new FaultFileException(e);
        } catch (EmulatorServer.InUseException e) {
            throw new AccountInUseException(e);
        } catch (UntrustedFileException e) {
            throw new UntrustedStateException(e);
        }
    }

    /** The file of fault rules cannot be read, or is wrong. The message says where. */
    public static final class FaultFileException extends IOException {
        FaultFileException(IOException cause) {
            super(cause.getMessage(), cause);
        }
    }

    /** Another process serves an account. */
    public static final class AccountInUseException extends IOException {
        AccountInUseException(IOException cause) {
            super(cause.getMessage(), cause);
        }
    }

    private LocalEmulator(Settings settings) throws IOException {
        ImmutableList.Builder<EmulatorServer.Served> emulators = ImmutableList.builder();
        Path parent = settings.stateFolder().toAbsolutePath().normalize().getParent();
        if (parent != null && parent.endsWith(StateFolder.STANDARD_NAME)) {
            StateFolder.prepareWithoutJournal(parent);
        }
        StateFolder.prepareWithoutJournal(settings.stateFolder());
        for (Access access : settings.accounts()) {
            Path folder = settings.stateFolder().toAbsolutePath().normalize().resolve(access.accountId());
            Account account = new Account(folder);
            String key = access.accessKey().orElseGet(LocalEmulator::randomKey);
            // Programs with a named key may have a fixed secret, too: it must be one that they can know.
            String secret = access.accessKey().isPresent() ? ANY_SECRET : randomKey();
            emulators.add(new EmulatorServer.Served(
                    account,
                    key,
                    secret,
                    access.accountId(),
                    settings.region(),
                    settings.realTimes(),
                    settings.quotas(),
                    settings.faults()));
        }
        ImmutableList<EmulatorServer.Served> served = emulators.build();
        this.maxRunningSteps = settings.maxRunningSteps().orElseGet(MachineSize::steps);
        this.server = EmulatorServer.start(
                served, LocalTarget.distributions(settings.cacheFolder()), settings.port(), maxRunningSteps);
        this.accounts = accounts(served, server.storage());
    }

    private static ImmutableList<Served> accounts(
            ImmutableList<EmulatorServer.Served> served, ImmutableList<URI> storage) {
        return Streams.zip(
                        served.stream(),
                        storage.stream(),
                        (one, uri) -> new Served(
                                one.id(),
                                one.accessKey(),
                                one.secretKey(),
                                uri,
                                one.account().folder()))
                .collect(ImmutableList.toImmutableList());
    }

    private static String randomKey() {
        byte[] random = new byte[KEY_BYTES];
        new SecureRandom().nextBytes(random);
        return "EMRYS" + BaseEncoding.base32().omitPadding().encode(random);
    }

    /** The endpoint for AWS clients. */
    public URI uri() {
        return server.uri();
    }

    /** In the order of the settings. */
    public ImmutableList<Served> accounts() {
        return accounts;
    }

    /** How many steps of each account run at the same time. */
    public int maxRunningSteps() {
        return maxRunningSteps;
    }

    /** Whether a cluster has not ended yet. */
    public boolean hasLiveClusters() {
        return server.hasLiveClusters();
    }

    /** A file of an account that was removed or replaced: then nothing more can be stored. */
    public Optional<String> lostFile() {
        return server.lostFile();
    }

    /**
     * Stops to listen, so that no client starts another one, and ends every cluster with its steps. Does not wait.
     *
     * @param reason shown as the message of the clusters' state change
     */
    public void terminateAll(String reason) {
        server.terminateAll(reason);
    }

    /** Stops to listen. Running steps go on, and the next emulator of their account finds them. */
    @Override
    public void close() throws IOException {
        server.close();
    }
}
