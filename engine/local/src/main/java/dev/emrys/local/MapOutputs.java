package dev.emrys.local;

import com.google.common.hash.Hashing;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where MapReduce keeps the outputs of map tasks. They are temporary files like others, except where the path of the
 * account has a space or another character that a URI escapes: there MapReduce's reduce tasks do not find them
 * (Hadoop's LocalFetcher takes the escaped form for the path). Such a cluster has a folder of its own in the system's
 * folder for temporary files, mode 0700, which ends with the cluster. Its name has a part of the cluster's path, whose
 * id other users do not know before.
 */
final class MapOutputs {
    private static final int HASH_DIGITS = 20;

    private MapOutputs() {}

    /** The folder outside of the account; empty when the outputs can be in it. */
    static Optional<Path> outside(Path cluster) {
        String path = cluster.toString();
        return isPlain(path)
                ? Optional.empty()
                : Optional.of(Path.of(System.getProperty("java.io.tmpdir"))
                        .resolve("emrys-"
                                + Hashing.sha256()
                                        .hashString(path, StandardCharsets.UTF_8)
                                        .toString()
                                        .substring(0, HASH_DIGITS)));
    }

    /** As Hadoop makes a URI of a path. */
    private static boolean isPlain(String path) {
        try {
            return new URI(null, null, path, null).toString().equals(path);
        } catch (URISyntaxException e) {
            return false;
        }
    }
}
