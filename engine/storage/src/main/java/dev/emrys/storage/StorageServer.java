package dev.emrys.storage;

import com.google.common.base.Throwables;
import com.google.common.collect.ImmutableList;
import dev.emrys.http.LimitedConnections;
import dev.emrys.storage.logs.LogsService;
import java.io.IOException;
import java.net.BindException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;
import org.eclipse.jetty.util.thread.Scheduler;

/**
 * Amazon S3's endpoint of one account on the loopback interface, over the folders of its buckets, and that of
 * CloudWatch Logs. Clients use it with {@code AWS_ENDPOINT_URL_CLOUDWATCH_LOGS}, {@code AWS_ENDPOINT_URL_S3} and
 * path-style addresses, which SDKs take by themselves for an address with digits. It serves from construction until
 * {@link #close}, with at most 34 daemon threads. Thread-safe.
 */
public final class StorageServer implements AutoCloseable {
    private static final String LOOPBACK = "127.0.0.1";

    /** One accepts, one selects, 32 run operations. */
    private static final int MAX_THREADS = 34;

    private static final int MIN_THREADS = 3;
    private static final int MAX_HEAD_BYTES = 32 * 1024;
    private static final int MAX_CONNECTIONS = 1024;
    private static final int MAX_UNAUTHENTICATED = 256;
    private static final Duration UNAUTHENTICATED = Duration.ofSeconds(10);

    /** On which nothing is sent. SDKs do not use a connection again that was idle for a minute. */
    private static final Duration IDLE = Duration.ofMinutes(2);

    private final Server server;
    private final ServerConnector connector;

    /**
     * Starts to serve S3 only.
     *
     * @param buckets the folder with a folder for each bucket
     * @param region of the buckets, as clients see it
     * @param credentials with different access key ids
     * @param port the loopback port, 0 for any free port
     * @throws BindException when the port is in use
     * @throws IOException when the folder cannot be used
     */
    public StorageServer(
            Path buckets, String region, ImmutableList<StorageCredential> credentials, InstantSource clock, int port)
            throws IOException {
        this(buckets, region, Optional.empty(), credentials, clock, port);
    }

    /**
     * As the other one, and serves CloudWatch Logs at the same address: requests with the header X-Amz-Target.
     *
     * @param logs whose requests are signed for the service {@code logs}
     */
    public StorageServer(
            Path buckets,
            String region,
            Optional<LogsService> logs,
            ImmutableList<StorageCredential> credentials,
            InstantSource clock,
            int port)
            throws IOException {
        QueuedThreadPool threads = new QueuedThreadPool(MAX_THREADS, MIN_THREADS);
        threads.setName("emrys-storage");
        threads.setDaemon(true);
        threads.setReservedThreads(0);
        threads.setStopTimeout(0);
        Scheduler scheduler = new ScheduledExecutorScheduler("emrys-storage-timer", true);
        server = new Server(threads, scheduler, null);
        server.setStopTimeout(0);
        connector = connector(server, port);
        LimitedConnections unauthenticated = new LimitedConnections(scheduler, UNAUTHENTICATED, MAX_UNAUTHENTICATED);
        connector.addBean(unauthenticated);
        server.addConnector(connector);
        server.addBean(new NetworkConnectionLimit(MAX_CONNECTIONS, server));
        S3Operations operations = new S3Operations(buckets, region, clock);
        operations.deleteAbandoned();
        Signatures signatures = new Signatures(credentials, clock);
        Optional<LogsHandler> logsHandler = logs.map(service -> new LogsHandler(signatures, service));
        server.setHandler(new S3Handler(signatures, operations, logsHandler, unauthenticated));
        server.setErrorHandler(new S3Handler.Rejections());
        start();
    }

    private static ServerConnector connector(Server server, int port) {
        HttpConfiguration http = new HttpConfiguration();
        http.setRequestHeaderSize(MAX_HEAD_BYTES);
        http.setSendServerVersion(false);
        // A signature is of the headers as they were sent, and a key may have any characters.
        http.setHeaderCacheCaseSensitive(true);
        http.setHttpCompliance(HttpCompliance.RFC7230);
        http.setUriCompliance(UriCompliance.UNSAFE);
        ServerConnector connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory(http));
        connector.setHost(LOOPBACK);
        connector.setPort(port);
        connector.setIdleTimeout(IDLE.toMillis());
        connector.setShutdownIdleTimeout(0);
        return connector;
    }

    private void start() throws IOException {
        try {
            server.start();
        } catch (IOException | RuntimeException e) {
            close();
            Throwables.throwIfInstanceOf(Throwables.getRootCause(e), BindException.class);
            throw e;
        } catch (Exception e) {
            close();
            throw new IOException("The endpoint of S3 could not be started: " + e.getMessage(), e);
        }
    }

    /** The port it listens on. */
    public int port() {
        return connector.getLocalPort();
    }

    /** The endpoint for AWS clients. */
    public URI uri() {
        return URI.create("http://" + LOOPBACK + ":" + port());
    }

    /** Stops at once. Objects whose bodies have not come whole do not appear. */
    @Override
    public void close() {
        try {
            server.stop();
        } catch (Exception e) {
            throw new IllegalStateException("The endpoint of S3 could not be stopped: " + e.getMessage(), e);
        }
    }
}
