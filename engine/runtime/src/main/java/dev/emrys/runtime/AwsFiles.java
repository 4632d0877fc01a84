package dev.emrys.runtime;

import com.google.common.collect.ImmutableMap;
import dev.emrys.aws.AwsAccess;
import dev.emrys.aws.AwsException;
import dev.emrys.aws.AwsStorage;
import dev.emrys.aws.StepLogPlaces;
import dev.emrys.drive.Target.FetchProgress;
import dev.emrys.drive.TargetUnavailableException;
import dev.emrys.runtime.FileStaging.StagedFile;
import dev.emrys.spec.PipelineSpec;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/** What an account has on S3 for the runs of this process: logs of steps, and copies of files. Thread-safe. */
final class AwsFiles implements AutoCloseable {
    private final AwsAccess access;
    private final AwsStorage storage;
    private final @Nullable String staging;

    /**
     * @param access is closed with this
     * @param staging the place for copies; null for none
     */
    AwsFiles(AwsAccess access, @Nullable String staging) {
        this.access = access;
        this.storage = new AwsStorage(access);
        this.staging = staging;
    }

    StepLogPlaces stepLogs() {
        return new StepLogPlaces(access);
    }

    AwsStorage storage() {
        return storage;
    }

    /**
     * The spec with objects on S3 instead of files of this machine, which exist when this returns. Blocks.
     *
     * @throws TargetUnavailableException when a file cannot be read or copied
     */
    PipelineSpec placed(PipelineSpec spec, FetchProgress progress) {
        if (staging == null) {
            throw new TargetUnavailableException("There is no place on S3 for files of this machine.", null);
        }
        try {
            ImmutableMap<String, StagedFile> files = new FileStaging(staging).files(spec);
            int count = 0;
            long bytes = 0;
            for (StagedFile file : files.values()) {
                int sentFiles = count;
                long sentBytes = bytes;
                if (storage.copyOnce(
                        file.path(),
                        file.uri(),
                        file.sha256(),
                        file.size(),
                        sent -> progress.copied(staging, sentFiles + 1, sentBytes + sent))) {
                    count++;
                    bytes += file.size();
                }
            }
            return FileStaging.placed(spec, files);
        } catch (AwsException e) {
            throw new TargetUnavailableException(e.diagnostic(), e);
        } catch (UncheckedIOException e) {
            throw new TargetUnavailableException(e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        storage.close();
        access.close();
    }
}
