package dev.emrys.storage.logs;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSortedMap;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A log group: a folder with its settings and the files of its streams, which are read when they are first needed.
 * Thread-safe.
 */
final class LogGroup {
    static final String SETTINGS = ".group.json";

    private final Path folder;
    private GroupSettings settings;

    /** By name. Null until it is first needed. */
    private @Nullable NavigableMap<String, LogStream> streams;

    private LogGroup(Path folder, GroupSettings settings) {
        this.folder = folder;
        this.settings = settings;
    }

    static LogGroup create(Path folder, GroupSettings settings) throws IOException {
        LogFiles.createFolders(folder);
        LogFiles.write(folder.resolve(SETTINGS), settings.json());
        LogGroup group = new LogGroup(folder, settings);
        group.streams = new TreeMap<>();
        return group;
    }

    /** Empty when the folder is not that of a group. */
    static Optional<LogGroup> read(Path folder) throws IOException {
        try {
            GroupSettings settings = GroupSettings.read(Files.readAllBytes(folder.resolve(SETTINGS)));
            return settings == null ? Optional.empty() : Optional.of(new LogGroup(folder, settings));
        } catch (NoSuchFileException e) {
            // It was deleted, or created, only in part.
            return Optional.empty();
        }
    }

    synchronized GroupSettings settings() {
        return settings;
    }

    synchronized void change(UnaryOperator<GroupSettings> change) throws IOException {
        GroupSettings changed = change.apply(settings);
        LogFiles.write(folder.resolve(SETTINGS), changed.json());
        settings = changed;
    }

    private NavigableMap<String, LogStream> streams(long now) throws IOException {
        if (streams != null) {
            return streams;
        }
        NavigableMap<String, LogStream> read = new TreeMap<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                if (String.valueOf(file.getFileName()).startsWith(".")) {
                    if (!file.endsWith(SETTINGS)) {
                        // A write that did not come to its end.
                        Files.deleteIfExists(file);
                    }
                } else if (Files.isRegularFile(file)) {
                    LogStream.read(file, settings.cutoff(now)).ifPresent(stream -> read.put(stream.name(), stream));
                }
            }
        }
        streams = read;
        return read;
    }

    synchronized LogStream createStream(String name, long now) throws IOException, LogsException {
        NavigableMap<String, LogStream> all = streams(now);
        if (all.containsKey(name)) {
            throw LogsException.exists("log stream");
        }
        Path file = folder.resolve(LogNames.file(name));
        LogStream created =
                LogStream.create(name, Files.exists(file) ? folder.resolve(LogNames.otherFile(name)) : file, now);
        all.put(name, created);
        return created;
    }

    synchronized Optional<LogStream> find(String name, long now) throws IOException {
        return Optional.ofNullable(streams(now).get(name));
    }

    synchronized LogStream stream(String name, long now) throws IOException, LogsException {
        return find(name, now).orElseThrow(LogsException::noStream);
    }

    synchronized void deleteStream(String name, long now) throws IOException, LogsException {
        stream(name, now).delete();
        streams(now).remove(name);
    }

    /** Those whose names begin with the prefix, by name. */
    synchronized ImmutableList<LogStream> streams(String prefix, long now) throws IOException {
        return streams(now).tailMap(prefix, true).values().stream()
                .takeWhile(stream -> stream.name().startsWith(prefix))
                .collect(ImmutableList.toImmutableList());
    }

    /** Of all events, as the service counts them. */
    synchronized long bytes(long now) throws IOException {
        return streams(now).values().stream().mapToLong(LogStream::bytes).sum();
    }

    /** Removes the settings first: without them the folder is no group. */
    synchronized void delete() throws IOException {
        Files.deleteIfExists(folder.resolve(SETTINGS));
        deleteFolder(folder);
        streams = new TreeMap<>();
    }

    static void deleteFolder(Path folder) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                Files.deleteIfExists(file);
            }
        }
        Files.deleteIfExists(folder);
    }

    static ImmutableSortedMap<String, String> noTags() {
        return ImmutableSortedMap.of();
    }
}
