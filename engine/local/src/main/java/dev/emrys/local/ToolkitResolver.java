package dev.emrys.local;

import com.google.common.collect.ImmutableList;
import java.nio.file.Path;

/** Resolves a toolkit to its jars. */
public interface ToolkitResolver {
    /** @throws ToolkitException when something cannot be fetched */
    ImmutableList<Path> resolve(Toolkit toolkit, Toolkits.Progress progress);

    /** What a result depends on beside the toolkit: another identity, another lock file. */
    String identity();
}
