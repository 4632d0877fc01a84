package dev.emrys.metastore;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.hadoop.hive.conf.HiveConf;
import org.apache.hadoop.hive.conf.HiveConf.ConfVars;
import org.apache.hadoop.hive.metastore.DefaultMetaStoreFilterHookImpl;
import org.apache.hadoop.security.UserGroupInformation;

/**
 * Filters nothing. Hive's client creates it before it connects: the only place at which a program that uses Hive can
 * be told from one that does not, and so the place at which the cluster's service is started and the user's tokens get
 * the secret. Later clients of the same program, for which Hive's session replaces the hook, find the token. A client
 * of another metastore is left alone. While the program lives, it starts the service again when that has died.
 */
public final class ServiceFilterHook extends DefaultMetaStoreFilterHookImpl {
    /** The Java property with the path of the {@link ServiceFolder}; without it the hook does nothing. */
    static final String FOLDER = "emrys.metastore";

    private static final long WATCH_MILLIS = 1_000;
    private static final AtomicBoolean WATCHED = new AtomicBoolean();

    /**
     * Called by Hive's client.
     *
     * @param conf the client's own
     * @throws UncheckedIOException when the service cannot be started; the reason is also on the standard error stream
     */
    public ServiceFilterHook(HiveConf conf) {
        super(conf);
        String path = System.getProperty(FOLDER);
        if (path == null) {
            return;
        }
        ServiceFolder folder = new ServiceFolder(Path.of(path));
        try {
            if (folder.uri().equals(conf.getVar(ConfVars.METASTOREURIS))) {
                connect(folder, conf);
            }
        } catch (IOException e) {
            String what = "The Hive metastore service of the cluster could not be started. " + e.getMessage();
            System.err.println(what);
            throw new UncheckedIOException(what, e);
        }
    }

    private static void connect(ServiceFolder folder, HiveConf conf) throws IOException {
        ServiceStart start = new ServiceStart(folder, conf.getVar(ConfVars.METASTOREWAREHOUSE));
        start.ensure();
        SharedSecret secret = new SharedSecret(folder.secret());
        UserGroupInformation.getCurrentUser().addToken(secret.token());
        if (WATCHED.compareAndSet(false, true)) {
            Thread watch = new Thread(() -> watch(folder, start), "emrys-metastore");
            watch.setDaemon(true);
            watch.start();
        }
    }

    /** Ends when the cluster has ended, or when the service cannot be started again. */
    private static void watch(ServiceFolder folder, ServiceStart start) {
        try {
            while (folder.hasSecret()) {
                start.ensure();
                TimeUnit.MILLISECONDS.sleep(WATCH_MILLIS);
            }
        } catch (IOException e) {
            System.err.println("The Hive metastore service ended and could not be started again. " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
