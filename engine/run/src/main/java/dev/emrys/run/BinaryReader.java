package dev.emrys.run;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Reads what {@link BinaryWriter} wrote. Damaged bytes give an {@link IndexOutOfBoundsException} or an {@link
 * IllegalArgumentException}. Not thread-safe.
 */
final class BinaryReader {
    private final byte[] bytes;
    private final int end;
    private final List<String> shared = new ArrayList<>();
    private int at;

    /** @throws IllegalArgumentException when the checksum does not fit */
    BinaryReader(byte[] bytes) {
        this.bytes = bytes;
        this.end = bytes.length - Long.BYTES;
        if (end < 0) {
            throw new IllegalArgumentException("Too short");
        }
        CRC32C checksum = new CRC32C();
        checksum.update(bytes, 0, end);
        at = end;
        if (fixed() != checksum.getValue()) {
            throw new IllegalArgumentException("The checksum does not fit");
        }
        at = 0;
    }

    boolean isAtEnd() {
        return at == end;
    }

    long fixed() {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
            value |= (bytes[at++] & 0xffL) << shift;
        }
        return value;
    }

    long number() {
        long value = 0;
        for (int shift = 0; ; shift += 7) {
            byte next = bytes[at++];
            value |= (next & 0x7fL) << shift;
            if (next >= 0) {
                return value;
            }
        }
    }

    /** A number of things, each of which takes a byte at least. */
    int count() {
        long value = number();
        if (value < 0 || value > end - at) {
            throw new IllegalArgumentException("Too many: " + value);
        }
        return (int) value;
    }

    int smallNumber() {
        return Math.toIntExact(number());
    }

    String text() {
        int length = count();
        String value = new String(bytes, at, length, StandardCharsets.UTF_8);
        at += length;
        return value;
    }

    String sharedText() {
        int known = smallNumber();
        if (known > 0) {
            return shared.get(known - 1);
        }
        String value = text();
        shared.add(value);
        return value;
    }

    Instant instant(long baseSeconds) {
        long seconds = number();
        return Instant.ofEpochSecond(baseSeconds + (seconds >>> 1 ^ -(seconds & 1)), number());
    }
}
