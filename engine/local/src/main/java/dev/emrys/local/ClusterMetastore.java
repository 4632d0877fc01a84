package dev.emrys.local;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;

/**
 * The Hive metastore service of a cluster, as far as this process knows it: its folder, its port and the command that
 * starts it. Derby allows one process per database, so one service has it, and the programs of the cluster use the
 * service. No process is started here: the first program that uses Hive does it, and so does one that finds that the
 * service has died; see {@code dev.emrys.metastore}.
 *
 * @param cluster the folder of the cluster
 */
record ClusterMetastore(Path cluster) {
    /** The heap of the service. */
    static final int HEAP_MEGABYTES = 256;

    static final String MAIN_CLASS = "dev.emrys.metastore.MetastoreService";

    /** The Java property by which a program finds the folder. */
    static final String PROPERTY = "emrys.metastore";

    /**
     * Below the ports that operating systems give to connections, so that none of these takes it while the service
     * does not run.
     */
    private static final int FIRST_PORT = 20_000;

    private static final int PORTS = 12_000;
    private static final int ATTEMPTS = 100;

    static final String URIS = "hive.metastore.uris";

    Path folder() {
        return cluster.resolve("metastore");
    }

    /** For the temporary files of the service. */
    Path temporaryFolder() {
        return folder().resolve("tmp");
    }

    /** What a client and the service prove to each other that they know. Without it the service ends. */
    Path secret() {
        return folder().resolve("secret");
    }

    /**
     * Settings for the cluster's hive-site, by which a program finds the service, starts it and proves that it may use
     * it.
     */
    ImmutableMap<String, String> settings() throws IOException {
        return ImmutableMap.of(
                URIS,
                "thrift://127.0.0.1:" + port(),
                "hive.metastore.filter.hook",
                "dev.emrys.metastore.ServiceFilterHook",
                "hive.metastore.sasl.enabled",
                "true",
                "hive.metastore.token.signature",
                "emrys-cluster",
                // One second apart: a program whose service has died starts it again meanwhile.
                "hive.metastore.connect.retries",
                "30");
    }

    private int port() throws IOException {
        return Integer.parseInt(
                Files.readString(portFile(), StandardCharsets.UTF_8).strip());
    }

    private Path portFile() {
        return folder().resolve("port");
    }

    /** Whether the cluster has a port that its service uses, or could use. */
    boolean hasPort() throws IOException {
        try {
            int port = port();
            return isAlive() || isFree(port);
        } catch (NoSuchFileException | NumberFormatException e) {
            return false;
        }
    }

    /**
     * Creates the folder, and chooses a free port if there is none. Only for the owner process, one thread at a time.
     */
    void prepare() throws IOException {
        PrivateFiles.createFolders(temporaryFolder());
        SecureRandom random = new SecureRandom();
        for (int attempt = 0; !hasPort() && attempt < ATTEMPTS; attempt++) {
            replace(portFile(), Integer.toString(FIRST_PORT + random.nextInt(PORTS)));
        }
    }

    /** Stores the command that starts the service. */
    void store(ImmutableList<String> command) throws IOException {
        PrivateFiles.createFolders(temporaryFolder());
        replace(folder().resolve("command"), String.join("\0", command));
    }

    /** Several processes may write the same at once. */
    private void replace(Path file, String text) throws IOException {
        if (!Files.exists(file)
                || !Files.readString(file, StandardCharsets.UTF_8).equals(text)) {
            Path temporary = Files.createTempFile(folder(), "new", ".tmp", PrivateFiles.attributesOfFile(file));
            Files.writeString(temporary, text, StandardCharsets.UTF_8);
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private boolean isAlive() throws IOException {
        try (FileChannel channel = FileChannel.open(folder().resolve("service.lock"), StandardOpenOption.READ);
                FileLock lock = channel.tryLock(0, Long.MAX_VALUE, true)) {
            return lock == null;
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }
}
