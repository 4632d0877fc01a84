package dev.emrys.storage;

import com.google.common.base.Ascii;
import com.google.common.io.BaseEncoding;
import com.google.common.primitives.Ints;
import com.google.common.primitives.Longs;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import java.util.zip.Checksum;

/**
 * A checksum that a client may send with a body.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html">Checking object
 *     integrity</a>
 */
enum ChecksumAlgorithm {
    CRC32,
    CRC32C,
    CRC64NVME,
    SHA1,
    SHA256;

    private static final String PREFIX = "x-amz-checksum-";

    /** Computes a digest of what it is given. */
    interface Running {
        void update(byte[] bytes, int offset, int length);

        byte[] digest();

        default String base64() {
            return BaseEncoding.base64().encode(digest());
        }
    }

    String header() {
        return PREFIX + Ascii.toLowerCase(name());
    }

    static Optional<ChecksumAlgorithm> ofHeader(String header) {
        return Stream.of(values())
                .filter(algorithm -> Ascii.equalsIgnoreCase(algorithm.header(), header))
                .findFirst();
    }

    Running start() {
        return switch (this) {
            case CRC32 -> of(new CRC32());
            case CRC32C -> of(new CRC32C());
            case CRC64NVME -> new Crc64Nvme();
            case SHA1 -> hash("SHA-1");
            case SHA256 -> hash("SHA-256");
        };
    }

    static Running md5() {
        return hash("MD5");
    }

    static Running sha256() {
        return hash("SHA-256");
    }

    private static Running hash(String algorithm) {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance(algorithm);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Each JDK has " + algorithm, e);
        }
        return new Running() {
            @Override
            public void update(byte[] bytes, int offset, int length) {
                digest.update(bytes, offset, length);
            }

            @Override
            public byte[] digest() {
                return digest.digest();
            }
        };
    }

    private static Running of(Checksum sum) {
        return new Running() {
            @Override
            public void update(byte[] bytes, int offset, int length) {
                sum.update(bytes, offset, length);
            }

            @Override
            public byte[] digest() {
                return Ints.toByteArray((int) sum.getValue());
            }
        };
    }

    /** The NVM Express Base Specification, "64b CRC Polynomials". Neither the JDK nor Guava has it. */
    private static final class Crc64Nvme implements Running {
        private static final long POLYNOMIAL = 0x9A6C9329AC4BC9B5L;
        private static final long[] TABLE = table();

        private long state = -1;

        private static long[] table() {
            long[] table = new long[256];
            for (int i = 0; i < table.length; i++) {
                long value = i;
                for (int bit = 0; bit < 8; bit++) {
                    value = (value & 1) == 0 ? value >>> 1 : (value >>> 1) ^ POLYNOMIAL;
                }
                table[i] = value;
            }
            return table;
        }

        @Override
        public void update(byte[] bytes, int offset, int length) {
            long value = state;
            for (int i = offset; i < offset + length; i++) {
                value = TABLE[(int) ((value ^ bytes[i]) & 0xff)] ^ (value >>> 8);
            }
            state = value;
        }

        @Override
        public byte[] digest() {
            return Longs.toByteArray(~state);
        }
    }
}
