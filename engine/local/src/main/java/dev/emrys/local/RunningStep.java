package dev.emrys.local;

import dev.emrys.emulator.StepLaunch;
import dev.emrys.emulator.StepListener;
import java.nio.file.Path;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * A step or bootstrap action that has not been reported as ended. Its fields are used on the thread of {@link
 * LocalStepRunner}'s poller.
 */
final class RunningStep {
    final StepLaunch launch;
    final StepListener listener;
    final Path folder;

    /** Where its logs are published below the folder of its cluster. */
    final String logFolder;

    final boolean isBootstrapAction;
    boolean reportedRunning;
    boolean ending;
    long pollsWithoutClaim;

    /** The making of its command; null before and after that. */
    @Nullable
    Future<?> preparation;

    RunningStep(StepLaunch launch, StepListener listener, Path folder, String logFolder, boolean isBootstrapAction) {
        this.launch = launch;
        this.listener = listener;
        this.folder = folder;
        this.logFolder = logFolder;
        this.isBootstrapAction = isBootstrapAction;
    }
}
