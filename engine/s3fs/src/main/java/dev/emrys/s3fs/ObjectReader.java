package dev.emrys.s3fs;

import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import org.apache.hadoop.fs.FSInputStream;
import org.apache.hadoop.fs.FileSystem;

/**
 * Reads one object with random access. An open reader continues to read the old content when the object is replaced.
 *
 * <p>It uses a RandomAccessFile, not a channel: an interrupt closes a channel, and Spark interrupts its tasks.
 * Synchronised, because a read at a position moves the file pointer and restores it.
 */
final class ObjectReader extends FSInputStream {
    private final String address;
    private final RandomAccessFile file;
    private final FileSystem.Statistics statistics;

    ObjectReader(String address, Path file, FileSystem.Statistics statistics) throws IOException {
        this.address = address;
        this.statistics = statistics;
        try {
            this.file = new RandomAccessFile(file.toFile(), "r");
        } catch (FileNotFoundException failure) {
            throw (IOException) new FileNotFoundException("Cannot read " + address + ": " + failure.getMessage())
                    .initCause(failure);
        }
    }

    @Override
    public synchronized int read() throws IOException {
        int value = file.read();
        if (value >= 0) {
            statistics.incrementBytesRead(1);
        }
        return value;
    }

    @Override
    public synchronized int read(byte[] buffer, int offset, int length) throws IOException {
        int count = file.read(buffer, offset, length);
        if (count > 0) {
            statistics.incrementBytesRead(count);
        }
        return count;
    }

    @Override
    public synchronized int available() throws IOException {
        return (int) Math.min(Integer.MAX_VALUE, Math.max(0, file.length() - file.getFilePointer()));
    }

    @Override
    public synchronized void seek(long position) throws IOException {
        if (position < 0 || position > file.length()) {
            throw new EOFException(
                    "Cannot seek to byte " + position + " of " + address + ", which has " + file.length() + " bytes.");
        }
        file.seek(position);
    }

    @Override
    public synchronized long getPos() throws IOException {
        return file.getFilePointer();
    }

    @Override
    public boolean seekToNewSource(long position) {
        return false;
    }

    @Override
    public synchronized void close() throws IOException {
        file.close();
    }
}
