package dev.emrys.local;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes what steps and clusters need only as long as they run, because it may contain secrets, or be large. A failure
 * is logged only: another step must not wait for it. The end of the cluster deletes what could not be deleted before.
 */
final class Leftovers {
    private static final Logger LOG = LoggerFactory.getLogger(Leftovers.class);

    private Leftovers() {}

    private interface Deletion {
        void run() throws IOException;
    }

    /** After the start of a step, or when it never starts any more. */
    static void ofStart(Path step) {
        attempt(step, () -> LaunchFiles.delete(step));
    }

    /**
     * After the end of a step was reported. Its temporary files stay if it left a process, which may use them, until
     * the cluster ends.
     */
    static void ofStep(Path step, String stepId) {
        attempt(step, () -> {
            Path temporary = temporaryFolder(step);
            if (!isEmpty(temporary) && new StepProcess(step, stepId).members().isEmpty()) {
                delete(temporary);
            }
        });
    }

    /**
     * After the end of a cluster, when no process of its steps runs: their temporary files, and the configurations.
     *
     * @param configurations the files and folders with the cluster's configurations
     */
    static void ofCluster(Path cluster, List<Path> configurations) {
        for (Path configuration : configurations) {
            attempt(cluster, () -> delete(configuration));
        }
        MapOutputs.outside(cluster).ifPresent(outputs -> attempt(cluster, () -> delete(outputs)));
        attempt(cluster, () -> {
            try (Stream<Path> steps = Files.list(cluster.resolve("steps"))) {
                steps.forEach(step -> {
                    ofStart(step);
                    attempt(step, () -> delete(temporaryFolder(step)));
                });
            }
        });
    }

    /**
     * The folder for the temporary files of a step, mode 0700: TMPDIR, and java.io.tmpdir of its JVMs. The system's
     * folder for such files is shared with other users: a name that Hadoop always uses belongs to who used it first.
     */
    static Path temporaryFolder(Path step) {
        return step.resolve("tmp");
    }

    private static void attempt(Path folder, Deletion deletion) {
        try {
            deletion.run();
        } catch (NoSuchFileException e) {
            return; // There was no step, or its folder was deleted.
        } catch (IOException | RuntimeException e) {
            LOG.warn("Not all temporary files could be deleted from {}.", folder, e);
        }
    }

    private static boolean isEmpty(Path folder) throws IOException {
        try (Stream<Path> content = Files.list(folder)) {
            return content.findAny().isEmpty();
        }
    }

    /** Does not follow links. */
    private static void delete(Path path) throws IOException {
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            MoreFiles.deleteRecursively(path, RecursiveDeleteOption.ALLOW_INSECURE);
        }
    }
}
