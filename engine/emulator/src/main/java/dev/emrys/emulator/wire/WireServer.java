package dev.emrys.emulator.wire;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.emrys.emulator.Emulator;
import dev.emrys.http.LimitedConnections;
import java.io.IOException;
import java.net.URI;
import java.security.SecureRandom;
import java.util.HexFormat;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.SizeLimitHandler;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;
import org.eclipse.jetty.util.thread.Scheduler;

/**
 * EMR's endpoint on the loopback interface: any AWS client can use it with {@code --endpoint-url} (or an equivalent
 * setting) and the access token as its access key id, with any secret key. {@code GET /ping} with the header {@code
 * X-Emrys-Token} returns 200 and {@link #proof}, and {@code GET /changes} with that header waits for changes of states,
 * see {@link ChangeFeed}. {@code /_emrys/faults} has the account's fault rules, see {@link FaultsEndpoint}.
 * The presigned URLs of application user interfaces are under {@code /app-ui/} and need no header.
 *
 * <p>Serves from construction until {@link #close}, with at most 12 daemon threads. Its limits are those of {@link
 * WireLimits#DEFAULT}.
 */
public final class WireServer implements AutoCloseable {

    /** The address itself: a name could be resolved to another one. */
    private static final String LOOPBACK = "127.0.0.1";

    /** One accepts, one selects, the others run operations. */
    private static final int MAX_THREADS = 12;

    private static final int MIN_THREADS = 4;
    private static final int RESERVED_THREADS = 2;
    private static final int ACCEPT_QUEUE = 512;
    private static final int PROOF_BYTES = 24;

    private final Server server;
    private final ServerConnector connector;
    private final ImmutableList<ServedAccount> accounts;
    private final String proof;

    /**
     * Starts to serve.
     *
     * @param emulator receives the operations
     * @param token the access key id that callers must send; as secret as a password
     * @param port the loopback port, 0 for any free port
     * @throws IOException the port is in use
     */
    public WireServer(Emulator emulator, String token, int port) throws IOException {
        this(ImmutableMap.of(token, emulator), port);
    }

    /**
     * Starts to serve several accounts.
     *
     * @param emulators by the access key id that callers of the account must send; as secret as a password
     * @param port the loopback port, 0 for any free port
     * @throws IOException the port is in use
     */
    public WireServer(ImmutableMap<String, Emulator> emulators, int port) throws IOException {
        this(emulators, port, WireLimits.DEFAULT);
    }

    WireServer(ImmutableMap<String, Emulator> emulators, int port, WireLimits limits) throws IOException {
        byte[] random = new byte[PROOF_BYTES];
        new SecureRandom().nextBytes(random);
        proof = HexFormat.of().formatHex(random);
        QueuedThreadPool threads = new QueuedThreadPool(MAX_THREADS, MIN_THREADS);
        accounts = emulators.entrySet().stream()
                .map(served -> new ServedAccount(served.getKey(), served.getValue(), threads))
                .collect(ImmutableList.toImmutableList());
        threads.setName("emrys-wire");
        threads.setDaemon(true);
        // With a reserved thread, the one that selects runs the operation itself, without a handover to another one.
        threads.setReservedThreads(RESERVED_THREADS);
        threads.setStopTimeout(0);
        Scheduler scheduler = new ScheduledExecutorScheduler("emrys-wire-timer", true);
        server = new Server(threads, scheduler, null);
        server.setStopTimeout(0);
        connector = connector(server, port, limits);
        LimitedConnections unauthenticated =
                new LimitedConnections(scheduler, limits.unauthenticatedTime(), limits.maxUnauthenticated());
        connector.addBean(unauthenticated);
        server.addConnector(connector);
        server.addBean(new NetworkConnectionLimit(limits.maxConnections(), server));

        ResponseWriter responses = new ResponseWriter();
        Handler operations = new OperationHandler(responses, limits.bodyTime());
        SizeLimitHandler sizeLimit = new SizeLimitHandler(limits.maxBodyBytes(), -1);
        sizeLimit.setHandler(operations);
        RequestRouter router = new RequestRouter(responses, limits, proof);
        router.setHandler(sizeLimit);
        AccessGate gate = new AccessGate(accounts, unauthenticated, responses);
        gate.setHandler(router);
        server.setHandler(gate);
        server.setErrorHandler(responses);
        start();
    }

    private static ServerConnector connector(Server server, int port, WireLimits limits) {
        HttpConfiguration http = new HttpConfiguration();
        http.setRequestHeaderSize(limits.maxHeadBytes());
        http.setSendServerVersion(false);
        ServerConnector connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory(http));
        connector.setHost(LOOPBACK);
        connector.setPort(port);
        connector.setAcceptQueueSize(ACCEPT_QUEUE);
        connector.setIdleTimeout(limits.idleTime().toMillis());
        connector.setShutdownIdleTimeout(0);
        return connector;
    }

    private void start() throws IOException {
        try {
            server.start();
            URI pages = uri().resolve(RequestRouter.APP_PAGES);
            accounts.forEach(account -> account.serveAppPages(pages));
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        } catch (Exception e) {
            close();
            throw new IOException("The endpoint could not be started: " + e.getMessage(), e);
        }
    }

    /** The port it listens on. */
    public int port() {
        return connector.getLocalPort();
    }

    /**
     * What the header {@code X-Emrys-Proof} of the answer to a ping has: who knows it by another way, such as a file of
     * mode 0600, knows that this server answers, and not another process that listens on the port of a server that has
     * ended.
     */
    public String proof() {
        return proof;
    }

    /** The endpoint for AWS clients. */
    public URI uri() {
        return URI.create("http://" + LOOPBACK + ":" + port());
    }

    /** Stops at once and aborts running calls. */
    @Override
    public void close() {
        accounts.forEach(ServedAccount::close);
        try {
            server.stop();
        } catch (Exception e) {
            throw new IllegalStateException("The endpoint could not be stopped: " + e.getMessage(), e);
        }
    }
}
