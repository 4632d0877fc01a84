package dev.emrys.local;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/** How much data the arguments of a step name. It may read more, so this decides about speed only. */
final class StepInput {
    private static final int MOST_FILES = 1_000;

    /** Code and settings: they may name the data. */
    private static final ImmutableSet<String> NO_DATA = ImmutableSet.of(
            "jar",
            "py",
            "zip",
            "egg",
            "whl",
            "sql",
            "q",
            "hql",
            "sh",
            "conf",
            "cfg",
            "ini",
            "properties",
            "yaml",
            "yml",
            "toml",
            "xml");

    /** How much larger compressed data may become. */
    private static final int COMPRESSION = 5;

    private static final ImmutableSet<String> COMPRESSED =
            ImmutableSet.of("gz", "bz2", "zst", "lz4", "snappy", "deflate", "parquet", "orc", "avro");

    private StepInput() {}

    /**
     * The bytes of the files and folders that exist; empty when no argument names one. More than
     * {@link JvmTuning#SMALL_BYTES} when not all were counted.
     */
    static OptionalLong bytes(Account account, Path hdfs, List<String> arguments) {
        ImmutableList<Path> named = arguments.stream()
                .map(argument -> argument.substring(argument.startsWith("-") ? argument.indexOf('=') + 1 : 0))
                .flatMap(argument -> path(account, hdfs, argument).stream())
                .filter(path -> !NO_DATA.contains(extension(path)) && Files.exists(path))
                .collect(ImmutableList.toImmutableList());
        if (named.isEmpty()) {
            return OptionalLong.empty();
        }
        long sum = 0;
        int files = 0;
        for (Path each : named) {
            try (Stream<Path> all = Files.walk(each)) {
                Iterator<Path> found = all.filter(Files::isRegularFile).iterator();
                while (found.hasNext()) {
                    if (++files > MOST_FILES || sum > JvmTuning.SMALL_BYTES) {
                        return OptionalLong.of(Long.MAX_VALUE);
                    }
                    Path file = found.next();
                    sum += Files.size(file) * (COMPRESSED.contains(extension(file)) ? COMPRESSION : 1);
                }
            } catch (IOException | java.io.UncheckedIOException e) {
                return OptionalLong.empty();
            }
        }
        return OptionalLong.of(sum);
    }

    private static Optional<Path> path(Account account, Path hdfs, String argument) {
        String named = argument.replaceFirst("/?[^/]*[*?{\\[].*", "");
        try {
            if (named.startsWith("s3")) {
                return Optional.of(account.path(named));
            } else if (named.startsWith("hdfs:")) {
                String path = URI.create(named).getPath();
                return path == null ? Optional.empty() : Optional.of(hdfs.resolve(path.replaceFirst("^/+", "")));
            }
            return named.startsWith("file:/")
                    ? Optional.of(Path.of(named.replaceFirst("^file:/+", "/")))
                    : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static String extension(Path file) {
        String name = String.valueOf(file.getFileName());
        return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    }
}
