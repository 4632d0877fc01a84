package dev.emrys.local;

import com.google.common.io.CountingOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.logging.ErrorManager;
import java.util.logging.LogRecord;
import java.util.logging.StreamHandler;

/**
 * Appends log messages to the file {@code messages.0.log}; when it is full, it is renamed to {@code messages.1.log} and
 * so on. The files have mode 0600, which java.util.logging.FileHandler cannot give them. Each message is written at
 * once. Thread-safe.
 */
final class OwnerLogHandler extends StreamHandler {
    private final Path folder;
    private final int files;
    private final long maxBytes;
    private CountingOutputStream out;
    private long before;

    /**
     * Opens the newest file.
     *
     * @param files how many there are at most
     * @param maxBytes how many bytes a file may have before the next message is written to another one
     * @throws UntrustedFileException as {@link PrivateFiles#check}
     */
    OwnerLogHandler(Path folder, int files, long maxBytes) throws IOException {
        this.folder = folder;
        this.files = files;
        this.maxBytes = maxBytes;
        this.out = open();
    }

    private Path file(int number) {
        return folder.resolve("messages." + number + ".log");
    }

    private CountingOutputStream open() throws IOException {
        PrivateFiles.createFile("file", file(0));
        before = Files.size(file(0));
        // Not a channel, which the interrupt of a thread that logs would close.
        CountingOutputStream opened = new CountingOutputStream(new FileOutputStream(file(0).toFile(), true));
        setOutputStream(opened);
        return opened;
    }

    @Override
    public synchronized void publish(LogRecord message) {
        if (before + out.getCount() >= maxBytes) {
            try {
                rotate();
            } catch (IOException e) {
                // The open file gets the message.
                reportError("The log files cannot be renamed.", e, ErrorManager.OPEN_FAILURE);
            }
        }
        super.publish(message);
        flush();
    }

    private void rotate() throws IOException {
        for (int number = files - 1; number > 0; number--) {
            if (Files.exists(file(number - 1))) {
                Files.move(file(number - 1), file(number), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        out = open();
    }
}
