package dev.emrys.metastore;

import java.io.IOException;
import java.lang.ref.Reference;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.hive.conf.HiveConf;
import org.apache.hadoop.hive.conf.HiveConf.ConfVars;
import org.apache.hadoop.hive.metastore.HiveMetaStore.HMSHandler;
import org.apache.hadoop.hive.metastore.RetryingHMSHandler;
import org.apache.hadoop.hive.metastore.api.MetaException;
import org.apache.hadoop.hive.metastore.api.ThriftHiveMetastore;
import org.apache.thrift.TProcessor;
import org.apache.thrift.server.TThreadPoolServer;
import org.apache.thrift.transport.TServerSocket;
import org.apache.thrift.transport.TSocket;
import org.apache.thrift.transport.TTransport;
import org.apache.thrift.transport.TTransportException;
import org.apache.thrift.transport.TTransportFactory;
import org.jspecify.annotations.Nullable;

/**
 * The process of a cluster's Hive metastore: Hive's own, over the Derby database of the cluster's folder, on a port of
 * the loopback address. It answers only a client that proves that it knows the secret of {@link ServiceFolder}. It
 * lives until it is killed or until the secret is deleted, and not longer than another one that serves the same
 * folder.
 */
public final class MetastoreService {
    /** A check whether the service lives takes its lock for a moment. */
    private static final Duration LOCK_TIMEOUT = Duration.ofSeconds(5);

    private static final long POLL_MILLIS = 500;
    private static final int BIND_ATTEMPTS = 3;

    /**
     * For the proof at the beginning of a connection; without a limit a silent client would keep its thread for ever.
     */
    private static final int HANDSHAKE_MILLIS = 20_000;

    /** Each connection has a thread, and each Spark session a connection or two. */
    private static final int THREADS = 200;

    private MetastoreService() {}

    /**
     * The entry point of the process. Ends it with code 1 when the service cannot start; the reason is on the standard
     * error stream.
     *
     * @param args the folder, and the warehouse in which a new metastore creates the database {@code default}
     */
    public static void main(String[] args) {
        ServiceFolder folder = new ServiceFolder(Path.of(args[0]));
        try {
            FileLock lock = lock(folder);
            if (lock == null) {
                System.err.println("Another metastore service serves " + folder.path() + ".");
                System.exit(1);
            }
            try {
                serve(folder, args[1]);
            } finally {
                // Until here: a lock that nothing uses any more may be released.
                Reference.reachabilityFence(lock);
            }
            System.exit(0);
        } catch (TTransportException e) {
            System.err.println("The port of the metastore service cannot be used: " + e.getMessage()
                    + " Another program may have taken it: the next step of the cluster gets another port.");
            System.exit(1);
        } catch (Throwable e) { // Also a class that cannot be loaded must end the process.
            e.printStackTrace();
            System.exit(1);
        }
    }

    private static @Nullable FileLock lock(ServiceFolder folder) throws IOException, InterruptedException {
        long end = System.nanoTime() + LOCK_TIMEOUT.toNanos();
        FileLock lock = folder.tryServe();
        while (lock == null && System.nanoTime() < end) {
            TimeUnit.MILLISECONDS.sleep(20);
            lock = folder.tryServe();
        }
        return lock;
    }

    private static void serve(ServiceFolder folder, String warehouse)
            throws MetaException, TTransportException, IOException, InterruptedException {
        HiveConf conf = conf(Objects.requireNonNull(folder.path().getParent()), warehouse);
        ThriftHiveMetastore.Iface metastore =
                RetryingHMSHandler.getProxy(conf, new HMSHandler("emrys", conf, false), false);
        TThreadPoolServer server = new TThreadPoolServer(new TThreadPoolServer.Args(listen(folder.port()))
                .processor(untilEnd(new ThriftHiveMetastore.Processor<>(metastore)))
                .transportFactory(new Authenticated(new SharedSecret(folder.secret()).server()))
                .minWorkerThreads(2)
                .maxWorkerThreads(THREADS));
        Thread accepting = new Thread(server::serve, "accept");
        accepting.setDaemon(true);
        accepting.start();
        folder.writeReady();
        awaitEnd(folder, accepting);
    }

    /** The end of a connection is not an error: Thrift's server would log each one. */
    private static TProcessor untilEnd(TProcessor processor) {
        return (in, out) -> {
            try {
                return processor.process(in, out);
            } catch (TTransportException e) {
                return false;
            }
        };
    }

    /** The check whether the port is free takes it for a moment. */
    private static TServerSocket listen(int port) throws TTransportException, InterruptedException {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        for (int attempt = 1; attempt < BIND_ATTEMPTS; attempt++) {
            try {
                return new TServerSocket(address);
            } catch (TTransportException e) {
                TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
            }
        }
        return new TServerSocket(address);
    }

    /** Returns when the secret was deleted, or when connections are no longer accepted. */
    private static void awaitEnd(ServiceFolder folder, Thread accepting) throws InterruptedException {
        while (folder.hasSecret() && accepting.isAlive()) {
            TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
        }
    }

    /**
     * The settings that lead to the cluster's own database win over those of the author's hive-site, which name a
     * cluster's on EMR.
     */
    private static HiveConf conf(Path cluster, String warehouse) {
        HiveConf conf = new HiveConf(MetastoreService.class);
        conf.setVar(ConfVars.METASTOREURIS, "");
        conf.setVar(
                ConfVars.METASTORECONNECTURLKEY,
                "jdbc:derby:;databaseName=" + cluster.resolve("metastore_db") + ";create=true");
        conf.setVar(ConfVars.METASTORE_CONNECTION_DRIVER, "org.apache.derby.jdbc.EmbeddedDriver");
        conf.setVar(ConfVars.METASTORE_CONNECTION_USER_NAME, "APP");
        conf.setVar(ConfVars.METASTOREPWD, "mine");
        conf.setVar(ConfVars.METASTOREWAREHOUSE, warehouse);
        conf.setBoolVar(ConfVars.METASTORE_SCHEMA_VERIFICATION, false);
        conf.setBoolVar(ConfVars.METASTORE_AUTO_CREATE_ALL, true);
        conf.setBoolVar(ConfVars.METASTORE_USE_THRIFT_SASL, false);
        return conf;
    }

    /** Limits the time of the proof, and of nothing after it: a session may be silent for hours. */
    private static final class Authenticated extends TTransportFactory {
        private final TTransportFactory sasl;

        Authenticated(TTransportFactory sasl) {
            this.sasl = sasl;
        }

        @Override
        public TTransport getTransport(TTransport client) {
            TSocket socket = (TSocket) client;
            socket.setTimeout(HANDSHAKE_MILLIS);
            TTransport authenticated = sasl.getTransport(socket);
            socket.setTimeout(0);
            return authenticated;
        }
    }
}
