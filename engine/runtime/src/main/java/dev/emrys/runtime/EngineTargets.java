package dev.emrys.runtime;

import com.google.common.collect.ImmutableMap;
import dev.emrys.drive.Target;
import dev.emrys.drive.TargetUnavailableException;
import dev.emrys.journal.TokenBuckets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The targets of one engine: those that it was given, and those that were made for the runs of others. Thread-safe. */
final class EngineTargets {
    private final EngineSettings settings;
    private final TokenBuckets tokens;
    private final Map<Made, Target> made = new ConcurrentHashMap<>();

    /** Which target it is, of those that were made. */
    private record Made(String name, ImmutableMap<String, String> settings) {}

    /** @param tokens the quotas that the targets share with those of other processes */
    EngineTargets(EngineSettings settings, TokenBuckets tokens) {
        this.settings = settings;
        this.tokens = tokens;
        settings.targets().forEach(target -> target.share(tokens));
    }

    /** That of new runs. */
    Target first() {
        return settings.targets().get(0);
    }

    /**
     * @param name as {@link Target#name}
     * @param wanted as {@link Target#settings}
     * @throws TargetUnavailableException when there is no such target, and none can be made
     */
    Target find(String name, ImmutableMap<String, String> wanted) {
        Target own = made.get(new Made(name, wanted));
        if (own != null) {
            return own;
        }
        // A target that is not connected has no settings yet: nothing that was made for others may stand for it.
        Stream<Target> others = wanted.isEmpty() ? Stream.of() : made.values().stream();
        return Stream.concat(settings.targets().stream(), others)
                .filter(target ->
                        target.name().equals(name) && target.settings().equals(wanted))
                .findFirst()
                .orElseGet(() -> made.computeIfAbsent(new Made(name, wanted), this::make));
    }

    private Target make(Made wanted) {
        Target target = settings.more()
                .of(wanted.name(), wanted.settings())
                .orElseThrow(() -> new TargetUnavailableException(
                        "This program has no target \"" + wanted.name()
                                + "\", on which the run was started.\n    Use the program that"
                                + " started the run. Targets here: "
                                + settings.targets().stream().map(Target::name).collect(Collectors.joining(", ")) + ".",
                        null));
        target.share(tokens);
        return target;
    }

    void close() {
        settings.targets().forEach(Target::close);
        made.values().forEach(Target::close);
    }
}
