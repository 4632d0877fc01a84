package dev.emrys.local;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.io.BaseEncoding;
import dev.emrys.storage.StorageCredential;
import dev.emrys.storage.StorageServer;
import dev.emrys.storage.logs.LogGroups;
import dev.emrys.storage.logs.LogsService;
import java.io.IOException;
import java.io.OutputStream;
import java.io.Reader;
import java.net.BindException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Properties;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The endpoint of S3 and CloudWatch Logs over the folders of an account, for its steps and for clients. Its port and
 * the steps' secret key are kept in a file of the account that only this user may read, so that a step which goes on
 * after the end of this process reaches the next one. When another process has taken the port meanwhile, there is a new
 * one, and such a step reaches this S3 no more. While no process serves the account, another user may take the port and
 * answer the requests of such steps; the secret key is in none of them. Thread-safe.
 */
final class AccountStorage implements AutoCloseable {
    /** Of the steps. It says nothing: only the secret key opens the endpoint. */
    static final String STEP_KEY = "emrys-local";

    private static final Logger LOG = LoggerFactory.getLogger(AccountStorage.class);
    private static final int SECRET_BYTES = 24;
    private static final String PORT = "port";
    private static final String SECRET = "secretAccessKey";

    private final StorageServer server;
    private final String region;
    private final String secret;
    private final LogGroups logs;

    /**
     * Starts to serve.
     *
     * @param region that the steps and clients see
     * @param accountId as in ARNs
     * @param clients keys besides that of the steps
     */
    AccountStorage(
            Account account,
            String region,
            String accountId,
            ImmutableList<StorageCredential> clients,
            InstantSource clock)
            throws IOException {
        this.region = region;
        this.logs = new LogGroups(account.logs(), clock);
        Properties kept = read(account.storageFile());
        this.secret = kept.getProperty(SECRET, newSecret());
        ImmutableList<StorageCredential> credentials = ImmutableList.<StorageCredential>builder()
                .add(new StorageCredential(STEP_KEY, secret, true))
                .addAll(clients)
                .build();
        LogsService service = new LogsService(logs, region, accountId);
        this.server = listen(account, region, service, credentials, clock, port(kept));
        kept.setProperty(SECRET, secret);
        kept.setProperty(PORT, Integer.toString(server.port()));
        write(account.storageFile(), kept);
    }

    private static StorageServer listen(
            Account account,
            String region,
            LogsService logs,
            ImmutableList<StorageCredential> credentials,
            InstantSource clock,
            int port)
            throws IOException {
        try {
            return new StorageServer(account.s3(), region, Optional.of(logs), credentials, clock, port);
        } catch (BindException e) {
            LOG.warn("The port {} of S3 is in use: steps that still run do not reach S3.", port);
            return new StorageServer(account.s3(), region, Optional.of(logs), credentials, clock, 0);
        }
    }

    /** A random secret key. */
    static String newSecret() {
        byte[] random = new byte[SECRET_BYTES];
        new SecureRandom().nextBytes(random);
        return BaseEncoding.base16().lowerCase().encode(random);
    }

    private static int port(Properties kept) {
        try {
            return Integer.parseInt(kept.getProperty(PORT, "0"));
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    private static Properties read(Path file) throws IOException {
        Properties kept = new Properties();
        try (Reader in = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1)) {
            kept.load(in);
        } catch (NoSuchFileException e) {
            // The first start.
        } catch (IllegalArgumentException e) {
            LOG.warn("The file {} is damaged: steps that still run do not reach S3.", file);
            return new Properties();
        }
        return kept;
    }

    private static void write(Path file, Properties kept) throws IOException {
        Path temporary = file.resolveSibling(
                file.getFileName() + "." + ProcessHandle.current().pid());
        Files.deleteIfExists(temporary);
        try (OutputStream out = PrivateFiles.write(temporary)) {
            kept.store(out, null);
        }
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** The endpoint for clients. */
    URI uri() {
        return server.uri();
    }

    /** Where the services of the account write logs. */
    LogGroups logs() {
        return logs;
    }

    /** What a step has in its environment. */
    ImmutableMap<String, String> stepVariables() {
        return ImmutableMap.of(
                "AWS_ENDPOINT_URL_S3", uri().toString(),
                "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS", uri().toString(),
                "AWS_ACCESS_KEY_ID", STEP_KEY,
                "AWS_SECRET_ACCESS_KEY", secret,
                "AWS_REGION", region,
                "AWS_DEFAULT_REGION", region);
    }

    @Override
    public void close() {
        server.close();
    }
}
