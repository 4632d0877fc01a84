package dev.emrys.local;

import com.google.common.collect.ImmutableList;
import dev.emrys.emulator.StepLaunch;
import dev.emrys.storage.logs.LogEvent;
import dev.emrys.storage.logs.LogGroups;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Copies the output of a step that has ended into log streams: one event for each line that is not empty, in parts of
 * at most 256 KiB. The lines have no times of their own, so all events have the time of the copy.
 */
final class StepLogEvents {
    /** When it exists, the output was copied: a step whose end must be reported again is not copied again. */
    static final String COPIED = "cloudwatch-copied";

    private static final int LONGEST = 256 * 1024;
    private static final int BATCH_EVENTS = 10_000;
    private static final int BATCH_CHARACTERS = 512 * 1024;

    private final LogGroups groups;
    private final StepLaunch.CloudWatch target;
    private final Path folder;
    private final long now;

    StepLogEvents(LogGroups groups, StepLaunch.CloudWatch target, Path folder, long now) {
        this.groups = groups;
        this.target = target;
        this.folder = folder;
        this.now = now;
    }

    /** A file without output gets a stream without events. */
    void publish() throws IOException {
        Path copied = folder.resolve(COPIED);
        if (Files.exists(copied)) {
            return;
        }
        for (String file : target.files()) {
            if (Files.exists(folder.resolve(file))) {
                publish(file);
            }
        }
        PrivateFiles.write(copied, "");
    }

    private void publish(String file) throws IOException {
        String stream = target.streamPrefix() + file;
        groups.add(target.group(), stream, ImmutableList.of());
        var decoder = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPLACE)
                .onUnmappableCharacter(CodingErrorAction.REPLACE);
        List<LogEvent> batch = new ArrayList<>();
        int characters = 0;
        try (BufferedReader in =
                new BufferedReader(new InputStreamReader(Files.newInputStream(folder.resolve(file)), decoder))) {
            StringBuilder line = new StringBuilder();
            for (int next = in.read(); next >= 0 || !line.isEmpty(); next = in.read()) {
                if (next >= 0 && next != '\n' && (line.length() < LONGEST || Character.isLowSurrogate((char) next))) {
                    line.append((char) next);
                    continue;
                }
                characters += line.length();
                add(batch, line);
                if (next >= 0 && next != '\n') {
                    line.append((char) next);
                }
                if (batch.size() >= BATCH_EVENTS || characters >= BATCH_CHARACTERS) {
                    groups.add(target.group(), stream, ImmutableList.copyOf(batch));
                    batch.clear();
                    characters = 0;
                }
            }
        }
        groups.add(target.group(), stream, ImmutableList.copyOf(batch));
    }

    private void add(List<LogEvent> batch, StringBuilder line) {
        if (line.length() > 0 && line.charAt(line.length() - 1) == '\r') {
            line.setLength(line.length() - 1);
        }
        if (!line.isEmpty()) {
            batch.add(new LogEvent(now, line.toString()));
        }
        line.setLength(0);
    }
}
