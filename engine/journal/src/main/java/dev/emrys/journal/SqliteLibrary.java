package dev.emrys.journal;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.zip.CRC32;
import org.sqlite.SQLiteConfig;
import org.sqlite.util.LibraryLoaderUtil;

/**
 * Keeps SQLite's native library in a cache folder. Without it the driver extracts the library from its jar at every
 * start of a JVM, which costs 60 ms. See the properties {@code org.sqlite.lib.path} and {@code org.sqlite.tmpdir} at
 * https://github.com/xerial/sqlite-jdbc/blob/master/USAGE.md.
 *
 * <p>Each version of the driver has a folder of its own, which appears complete. A copy that is damaged is replaced.
 * Where this fails, the driver extracts the library as usual. Thread-safe, also for several processes.
 */
public final class SqliteLibrary {
    /** The driver's own name for the folder that it loads the library from. */
    static final String PROPERTY = "org.sqlite.lib.path";

    private static final String CHECKSUM = "checksum";
    private static final int MOST_ATTEMPTS = 10;

    private SqliteLibrary() {}

    /**
     * Lets the driver load its library from the cache folder. Has an effect only before the first connection of this
     * JVM, and not when the property {@code org.sqlite.lib.path} is set already.
     *
     * @param cacheFolder what can be made again; created when needed, may be removed at any time
     */
    public static void use(Path cacheFolder) {
        if (System.getProperty(PROPERTY) != null) {
            return;
        }
        try {
            System.setProperty(PROPERTY, install(cacheFolder).toString());
        } catch (IOException e) {
            // A read-only or full disk: the driver extracts its library to the folder for temporary files.
        }
    }

    /** @return the folder that holds the library */
    static Path install(Path cacheFolder) throws IOException {
        Path folders = cacheFolder.toAbsolutePath().resolve("sqlite");
        Path folder = folders.resolve(identity());
        if (!isComplete(folder)) {
            Files.createDirectories(folders);
            Path temporary = Files.createTempDirectory(folders, ".new-");
            try {
                extract(temporary);
                replace(folder, temporary);
            } finally {
                remove(temporary);
            }
        }
        return folder;
    }

    private static void extract(Path folder) throws IOException {
        String name = LibraryLoaderUtil.getNativeLibName();
        String resource = LibraryLoaderUtil.getNativeLibResourcePath() + "/" + name;
        try (InputStream in = SQLiteConfig.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new NoSuchFileException(resource);
            }
            byte[] bytes = in.readAllBytes();
            Files.write(folder.resolve(name), bytes);
            Files.writeString(folder.resolve(CHECKSUM), checksum(bytes), StandardCharsets.US_ASCII);
        }
    }

    /**
     * Of several processes that do so at once one succeeds; the others find its folder complete. The move comes first,
     * so that only a damaged folder is ever moved away, and again where another process has moved that away or put its
     * own there.
     */
    private static void replace(Path folder, Path temporary) throws IOException {
        for (int attempt = 1; ; attempt++) {
            try {
                Files.move(temporary, folder, StandardCopyOption.ATOMIC_MOVE);
                return;
            } catch (IOException e) {
                if (isComplete(folder)) {
                    return;
                }
                if (attempt == MOST_ATTEMPTS) {
                    throw e;
                }
            }
            moveAway(folder);
        }
    }

    /** A JVM that has loaded the damaged copy keeps it. */
    private static void moveAway(Path folder) throws IOException {
        Path damaged = Files.createTempDirectory(folder.getParent(), ".old-");
        try {
            Files.move(folder, damaged.resolve("damaged"), StandardCopyOption.ATOMIC_MOVE);
        } catch (NoSuchFileException e) {
            // Another process has moved it.
        } finally {
            remove(damaged);
        }
    }

    /** A truncated library that is mapped would end the JVM with SIGBUS. */
    private static boolean isComplete(Path folder) {
        try {
            byte[] bytes = Files.readAllBytes(folder.resolve(LibraryLoaderUtil.getNativeLibName()));
            return Files.readString(folder.resolve(CHECKSUM), StandardCharsets.ISO_8859_1)
                    .equals(checksum(bytes));
        } catch (IOException e) {
            return false;
        }
    }

    private static String checksum(byte[] bytes) {
        CRC32 crc = new CRC32();
        crc.update(bytes);
        return bytes.length + " " + Long.toHexString(crc.getValue());
    }

    /**
     * The jar's name holds the driver's version: to read it from the jar would cost more than the rest of this class.
     */
    private static String identity() throws IOException {
        try {
            File jar = new File(SQLiteConfig.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            String name = String.join(
                    "-",
                    jar.getName().replace(".jar", ""),
                    Long.toString(jar.length()),
                    System.getProperty("os.name"),
                    System.getProperty("os.arch"));
            return name.replaceAll("[^A-Za-z0-9._-]", "_");
        } catch (URISyntaxException e) {
            throw new IOException(e);
        }
    }

    private static void remove(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (var children = Files.newDirectoryStream(folder)) {
            for (Path child : children) {
                if (Files.isDirectory(child)) {
                    remove(child);
                } else {
                    Files.deleteIfExists(child);
                }
            }
        }
        Files.deleteIfExists(folder);
    }
}
