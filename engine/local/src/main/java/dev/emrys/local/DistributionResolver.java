package dev.emrys.local;

import com.google.common.collect.ImmutableList;
import java.nio.file.Path;

/** Resolves a distribution to its jars. Must be thread-safe. */
public interface DistributionResolver {
    /** @throws LocalSetupException when a file cannot be downloaded */
    ImmutableList<Path> resolve(Distribution distribution, Distributions.Progress progress);

    /** What the result depends on besides the distribution. A different identity has a different lock file. */
    String identity();
}
