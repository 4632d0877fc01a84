package dev.emrys.monitor;

import com.google.common.collect.ImmutableList;
import com.google.common.net.InetAddresses;
import com.google.common.util.concurrent.ThreadFactoryBuilder;
import dev.emrys.http.LimitedConnections;
import java.io.IOException;
import java.net.SocketException;
import java.net.URI;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;
import org.eclipse.jetty.util.thread.Scheduler;

/**
 * The HTTP endpoint of a long-running process: {@code GET /health}, {@code GET /ready} and {@code GET /metrics}; {@code
 * /} lists them. The first two return 200 or 503 and JSON: {@code
 * {"status":"ok","checks":[{"name":"journal","ok":true,"detail":""}]}}, where the status is {@code ok} or {@code
 * failing}. A check that throws, or does not answer within 5 s, is failing.
 *
 * <p>Serves from {@link #start} until {@link #close}, with at most 8 daemon threads, one for timers and one for each
 * check that is being asked. One connection is for one request; it is closed after 30 s in any case, and the oldest one
 * when more than 64 are open. A head above 8 KiB is answered with 431. Thread-safe.
 */
public final class MonitorServer implements AutoCloseable {
    /** One accepts, one selects, and more than the scrapes that may run at once are left. */
    private static final int MAX_THREADS = 8;

    private static final int MIN_THREADS = 3;
    private static final int ACCEPT_QUEUE = 64;
    private static final int CHECK_THREAD_SECONDS = 10;

    /** The port is free when the thread that accepts connections has ended. */
    private static final int STOP_MILLIS = 1_000;

    private final MonitorAddress address;
    private final Server server;
    private final ServerConnector connector;
    private final ExecutorService checkThreads;

    /**
     * Starts to serve.
     *
     * @param access where, and who may read
     * @param health what {@code /health} asks; none are ok
     * @param readiness what {@code /ready} asks; none are ok
     * @param metrics what {@code /metrics} returns; closing them is left to the caller
     * @throws IOException the address is in use or is none of this machine; the message is for people
     */
    public static MonitorServer start(
            MonitorAccess access, ImmutableList<Check> health, ImmutableList<Check> readiness, Metrics metrics)
            throws IOException {
        return start(access, health, readiness, metrics, MonitorLimits.DEFAULT);
    }

    static MonitorServer start(
            MonitorAccess access,
            ImmutableList<Check> health,
            ImmutableList<Check> readiness,
            Metrics metrics,
            MonitorLimits limits)
            throws IOException {
        MonitorServer monitor = new MonitorServer(access.address(), limits);
        CheckRunner healthChecks = new CheckRunner(health, limits.checkTime(), monitor.checkThreads);
        CheckRunner readinessChecks = new CheckRunner(readiness, limits.checkTime(), monitor.checkThreads);
        monitor.server.setHandler(
                new MonitorHandler(access, healthChecks, readinessChecks, metrics, limits.maxScrapes()));
        monitor.start();
        return monitor;
    }

    private MonitorServer(MonitorAddress address, MonitorLimits limits) {
        this.address = address;
        checkThreads = new ThreadPoolExecutor(
                0,
                Integer.MAX_VALUE,
                CHECK_THREAD_SECONDS,
                TimeUnit.SECONDS,
                new SynchronousQueue<>(),
                new ThreadFactoryBuilder()
                        .setNameFormat("emrys-monitor-check-%d")
                        .setDaemon(true)
                        .build());
        QueuedThreadPool threads = new QueuedThreadPool(MAX_THREADS, MIN_THREADS);
        threads.setName("emrys-monitor");
        threads.setDaemon(true);
        threads.setReservedThreads(0);
        threads.setStopTimeout(STOP_MILLIS);
        Scheduler scheduler = new ScheduledExecutorScheduler("emrys-monitor-timer", true);
        server = new Server(threads, scheduler, null);
        server.setStopTimeout(0);
        HttpConfiguration http = new HttpConfiguration();
        http.setRequestHeaderSize(limits.maxHeadBytes());
        http.setSendServerVersion(false);
        connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory(http));
        connector.setHost(InetAddresses.toAddrString(address.host()));
        connector.setPort(address.port());
        connector.setAcceptQueueSize(ACCEPT_QUEUE);
        connector.setShutdownIdleTimeout(0);
        connector.addBean(new LimitedConnections(scheduler, limits.connectionTime(), limits.maxConnections()));
        server.addConnector(connector);
        server.setErrorHandler((request, response, callback) -> {
            int status = response.getStatus();
            MonitorResponse.text(status, HttpStatus.getMessage(status)).send(response, callback);
            return true;
        });
    }

    private void start() throws IOException {
        try {
            server.start();
        } catch (Exception e) {
            close();
            if (e instanceof RuntimeException ours) {
                throw ours;
            }
            String reason = e.getCause() instanceof SocketException refused ? refused.getMessage() : e.getMessage();
            throw new IOException(
                    "Cannot listen on " + address + ": " + reason
                            + ". Choose another address; port 0 takes any free one.",
                    e);
        }
    }

    /** The port it listens on. */
    public int port() {
        return connector.getLocalPort();
    }

    /** Where it is reached. Where it listens on all interfaces, this is the address of all. */
    public URI uri() {
        return URI.create("http://" + new MonitorAddress(address.host(), port()));
    }

    /** Stops, which takes up to 1 s where figures do not answer; requests that are being answered are cut off. */
    @Override
    public void close() {
        checkThreads.shutdownNow();
        try {
            server.stop();
        } catch (Exception e) {
            throw new IllegalStateException("The monitor could not be stopped: " + e.getMessage(), e);
        }
    }
}
