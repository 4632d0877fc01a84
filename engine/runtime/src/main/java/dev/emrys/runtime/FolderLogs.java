package dev.emrys.runtime;

import dev.emrys.drive.AttemptLogs;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The logs of an attempt as files of one folder, where the supervisor of the step's process also leaves its exit
 * status.
 */
record FolderLogs(Path folder) implements AttemptLogs {
    @Override
    public Optional<Log> find(String name) {
        Path file = folder.resolve(name);
        return Files.isRegularFile(file) ? Optional.of(new FileLog(file)) : Optional.empty();
    }

    @Override
    public boolean isComplete() {
        return Files.exists(folder.resolve("exit"));
    }

    private record FileLog(Path file) implements Log {
        @Override
        public String location() {
            return file.toString();
        }

        @Override
        public long size() {
            try {
                return Files.size(file);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public byte[] read(long offset, int limit) {
            try (RandomAccessFile input = new RandomAccessFile(file.toFile(), "r")) {
                long available = Math.max(0, input.length() - offset);
                byte[] bytes = new byte[(int) Math.min(available, limit)];
                input.seek(offset);
                input.readFully(bytes);
                return bytes;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
