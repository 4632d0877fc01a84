package dev.emrys.runtime;

import com.google.common.base.Preconditions;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.emrys.drive.Target;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Where an {@link Engine} keeps its journal, and what executes the tasks.
 *
 * @param stateFolder the journal and its locks, and what the targets keep on this machine
 * @param cacheFolder files that can be created again
 * @param targets at least one; the first is the default for new runs. They are closed with the engine
 * @param warnings receives messages for people, such as about a lock; called on any thread
 * @param by who drives the runs, for the history
 * @param database where the journal is; empty for a file in the state folder
 * @param more makes the targets that are not among these; called once for the same name and settings. They are closed
 *     with the engine
 * @param prices by which budgets are kept
 */
public record EngineSettings(
        Path stateFolder,
        Path cacheFolder,
        ImmutableList<Target> targets,
        Consumer<String> warnings,
        String by,
        Optional<JournalDatabase> database,
        MoreTargets more,
        RunCosts.Prices prices) {

    /** Makes targets with settings, such as one for each AWS account. */
    public interface MoreTargets {
        /**
         * A target that was not used yet.
         *
         * @param name as {@link Target#name}
         * @param settings as {@link Target#settings}
         * @return empty when there is no target with this name
         */
        Optional<Target> of(String name, ImmutableMap<String, String> settings);
    }

    /** @throws IllegalArgumentException without a target */
    public EngineSettings {
        Preconditions.checkArgument(!targets.isEmpty(), "An engine needs a target.");
    }

    /** With these targets only. */
    public EngineSettings(
            Path stateFolder,
            Path cacheFolder,
            ImmutableList<Target> targets,
            Consumer<String> warnings,
            String by,
            Optional<JournalDatabase> database) {
        this(
                stateFolder,
                cacheFolder,
                targets,
                warnings,
                by,
                database,
                (name, settings) -> Optional.empty(),
                RunCosts.Prices.NONE);
    }

    /** With a journal in the state folder. */
    public EngineSettings(
            Path stateFolder, Path cacheFolder, ImmutableList<Target> targets, Consumer<String> warnings, String by) {
        this(stateFolder, cacheFolder, targets, warnings, by, Optional.empty());
    }
}
