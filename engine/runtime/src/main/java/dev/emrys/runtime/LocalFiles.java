package dev.emrys.runtime;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import dev.emrys.local.PrivateFiles;
import dev.emrys.spec.BootstrapAction;
import dev.emrys.spec.ClusterSpec;
import dev.emrys.spec.OperationSpec;
import dev.emrys.spec.PipelineSpec;
import dev.emrys.spec.Placeholders;
import dev.emrys.spec.StepSpec;
import dev.emrys.spec.TaskSpec;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The files of this machine that the texts of a spec name, as {@code file:} URIs. */
final class LocalFiles {
    /** Up to what ends a part of a list, an argument or a text; a fragment, such as an archive's name, is none of it. */
    private static final Pattern URI_OF_FILE = Pattern.compile("\\bfile:(/[^\\s,;'\"#]*)");

    /** What belongs to a cluster's own installation, whatever this machine has there. */
    private static final Pattern OF_CLUSTER = Pattern.compile("/+(usr(?!/local/)|etc|emr)(/.*)?");

    /** Folders of a cluster that this machine has too: what exists here is meant to be this machine's. */
    private static final Pattern OF_EITHER = Pattern.compile("/+(usr/local|opt|tmp|var|mnt\\d*|home/hadoop)(/.*)?");

    private LocalFiles() {}

    /** Those of a text, in its order. */
    static ImmutableSet<String> in(String text) {
        if (!text.contains("file:/")) {
            return ImmutableSet.of();
        }
        ImmutableSet.Builder<String> found = ImmutableSet.builder();
        Matcher matcher = URI_OF_FILE.matcher(text);
        while (matcher.find()) {
            if (isOfThisMachine(matcher.group(1))) {
                found.add(matcher.group());
            }
        }
        return found.build();
    }

    /** Those of what a run sends for a spec. */
    static ImmutableSet<String> in(PipelineSpec spec) {
        ImmutableSet.Builder<String> found = ImmutableSet.builder();
        spec.clusters().forEach(cluster -> texts(cluster).forEach(text -> found.addAll(in(text))));
        for (TaskSpec task : spec.tasks()) {
            if (task instanceof StepSpec || task instanceof OperationSpec) {
                task.filled().forEach(text -> found.addAll(in(text)));
            }
        }
        return found.build();
    }

    /** The texts of a cluster in which such files are looked for. */
    static ImmutableList<String> texts(ClusterSpec cluster) {
        ImmutableList.Builder<String> texts = ImmutableList.builder();
        for (BootstrapAction action : cluster.bootstrapActions()) {
            texts.add(action.path()).addAll(action.args());
        }
        return texts.build();
    }

    /**
     * A spec that names others instead.
     *
     * @param others by the URIs that {@link #in} finds
     */
    static PipelineSpec replaced(PipelineSpec spec, Map<String, String> others) {
        UnaryOperator<String> replace = text -> URI_OF_FILE
                .matcher(text)
                .replaceAll(found -> Matcher.quoteReplacement(others.getOrDefault(found.group(), found.group())));
        return new PipelineSpec(
                spec.name(),
                spec.description(),
                spec.params(),
                spec.clusters().stream()
                        .map(cluster -> cluster.withBootstrapTexts(replace))
                        .collect(ImmutableList.toImmutableList()),
                spec.tasks().stream().map(task -> replaced(task, replace)).collect(ImmutableList.toImmutableList()),
                spec.location(),
                spec.budget(),
                spec.existingClusters());
    }

    private static TaskSpec replaced(TaskSpec task, UnaryOperator<String> replace) {
        if (task instanceof StepSpec step) {
            return step.withTexts(replace);
        }
        return task instanceof OperationSpec operation ? operation.withTexts(replace) : task;
    }

    /** @param path as in a URI */
    private static boolean isOfThisMachine(String path) {
        if (OF_CLUSTER.matcher(path).matches()) {
            return false;
        }
        return !OF_EITHER.matcher(path).matches()
                || path("file:" + path).map(Files::exists).orElse(false);
    }

    /** Empty when the URI is malformed. */
    static Optional<Path> path(String uri) {
        try {
            return Optional.of(Path.of(URI.create(uri.replaceFirst("^file:/+", "file:///"))));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** Why a file cannot be copied to S3, as the end of a sentence; empty when it can. */
    static Optional<String> problem(String uri) {
        Optional<Path> path = path(uri);
        if (path.isEmpty()) {
            return Optional.of("it is no URI of a file");
        }
        if (Placeholders.any(path.get().toString())) {
            return Optional.of("its name has a placeholder, which is filled in later");
        }
        if (!Files.exists(path.get())) {
            return Optional.of("it does not exist");
        }
        if (Files.isDirectory(path.get())) {
            return Optional.of("it is a folder");
        }
        if (!Files.isRegularFile(path.get())) {
            return Optional.of("it is no regular file");
        }
        if (OF_EITHER.matcher(path.get().toString()).matches()) {
            // Its name may be meant for the cluster: another user must not choose what runs there.
            Optional<String> distrust = PrivateFiles.distrust(path.get());
            if (distrust.isPresent()) {
                return distrust;
            }
        }
        return Files.isReadable(path.get()) ? Optional.empty() : Optional.of("this user may not read it");
    }
}
