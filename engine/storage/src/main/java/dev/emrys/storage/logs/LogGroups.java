package dev.emrys.storage.logs;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.NavigableMap;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The log groups of an account, in a folder. It is created with the first group, and read when it is first needed.
 * Thread-safe.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/WhatIsCloudWatchLogs.html">CloudWatch Logs</a>
 */
public final class LogGroups {
    private final Path folder;
    private final InstantSource clock;

    /** By name. Null until it is first needed. */
    private @Nullable NavigableMap<String, LogGroup> groups;

    /** @param folder that no other process uses */
    public LogGroups(Path folder, InstantSource clock) {
        this.folder = folder;
        this.clock = clock;
    }

    long now() {
        return clock.millis();
    }

    private NavigableMap<String, LogGroup> groups() throws IOException {
        if (groups != null) {
            return groups;
        }
        NavigableMap<String, LogGroup> read = new TreeMap<>();
        if (Files.isDirectory(folder)) {
            try (DirectoryStream<Path> folders = Files.newDirectoryStream(folder, Files::isDirectory)) {
                for (Path one : folders) {
                    LogGroup.read(one)
                            .ifPresent(group -> read.put(group.settings().name(), group));
                }
            }
        }
        groups = read;
        return read;
    }

    synchronized LogGroup create(GroupSettings settings) throws IOException, LogsException {
        NavigableMap<String, LogGroup> all = groups();
        if (all.containsKey(settings.name())) {
            throw LogsException.exists("log group");
        }
        LogFiles.createFolders(folder);
        Path place = folder.resolve(LogNames.file(settings.name()));
        if (Files.exists(place) && LogGroup.read(place).isPresent()) {
            place = folder.resolve(LogNames.otherFile(settings.name()));
        } else if (Files.exists(place)) {
            LogGroup.deleteFolder(place);
        }
        LogGroup created = LogGroup.create(place, settings);
        all.put(settings.name(), created);
        return created;
    }

    synchronized LogGroup group(String name) throws IOException, LogsException {
        LogGroup group = groups().get(name);
        if (group == null) {
            throw LogsException.noGroup();
        }
        return group;
    }

    synchronized void delete(String name) throws IOException, LogsException {
        group(name).delete();
        groups().remove(name);
    }

    /** By name. */
    synchronized ImmutableList<LogGroup> all() throws IOException {
        return ImmutableList.copyOf(groups().values());
    }

    /**
     * Adds events to a stream as AWS's own services do, which need no PutLogEvents: creates the group and the stream
     * where they are missing. The limits of PutLogEvents on times and sizes do not apply, but a message has at most 1
     * MiB.
     *
     * @param events in the order of their times, with messages that are not empty
     * @throws IllegalArgumentException when no group or stream can have the name
     * @throws IOException when the folder cannot be used
     */
    public void add(String group, String stream, ImmutableList<LogEvent> events) throws IOException {
        if (!LogNames.isGroup(group) || !LogNames.isStream(stream)) {
            throw new IllegalArgumentException(
                    "No log stream can have the name " + stream + " in a group " + group + ".");
        }
        long now = now();
        LogStream found;
        synchronized (this) {
            try {
                LogGroup place = groups().get(group);
                if (place == null) {
                    place = create(new GroupSettings(
                            group, now, OptionalInt.empty(), null, "STANDARD", false, LogGroup.noTags()));
                }
                LogStream existing = place.find(stream, now).orElse(null);
                found = existing == null ? place.createStream(stream, now) : existing;
            } catch (LogsException e) {
                throw new IllegalStateException(e);
            }
        }
        if (!events.isEmpty()) {
            found.append(events, now);
        }
    }
}
