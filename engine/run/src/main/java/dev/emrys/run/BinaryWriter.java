package dev.emrys.run;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32C;

/** Writes values one after the other into bytes, as {@link BinaryReader} reads them. Not thread-safe. */
final class BinaryWriter {
    private static final int FIRST_SIZE = 1 << 16;

    private final Map<String, Integer> shared = new LinkedHashMap<>();
    private byte[] bytes = new byte[FIRST_SIZE];
    private int size;

    private void require(int more) {
        if (size + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, size + more));
        }
    }

    void fixed(long value) {
        require(Long.BYTES);
        for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
            bytes[size++] = (byte) (value >>> shift);
        }
    }

    /** Small numbers take one byte; a negative one takes ten. */
    void number(long value) {
        require(10);
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            bytes[size++] = (byte) ((rest & 0x7f) | 0x80);
            rest >>>= 7;
        }
        bytes[size++] = (byte) rest;
    }

    void text(String value) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        number(utf8.length);
        require(utf8.length);
        System.arraycopy(utf8, 0, bytes, size, utf8.length);
        size += utf8.length;
    }

    /** A text that is likely to occur again: it is written once. */
    void sharedText(String value) {
        Integer known = shared.putIfAbsent(value, shared.size() + 1);
        if (known == null) {
            number(0);
            text(value);
        } else {
            number(known);
        }
    }

    void instant(Instant value, long baseSeconds) {
        long seconds = value.getEpochSecond() - baseSeconds;
        number(seconds << 1 ^ seconds >> 63);
        number(value.getNano());
    }

    /** Everything that was written, and its checksum. */
    byte[] finish() {
        CRC32C checksum = new CRC32C();
        checksum.update(bytes, 0, size);
        fixed(checksum.getValue());
        return Arrays.copyOf(bytes, size);
    }
}
