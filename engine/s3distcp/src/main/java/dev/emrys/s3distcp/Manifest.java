package dev.emrys.s3distcp;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * The list of the files that were copied: gzip, one JSON object per line with {@code path} (the copy), {@code baseName}
 * (its path below the destination), {@code srcDir} (the destination) and {@code size} in bytes. Not thread-safe.
 */
final class Manifest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Map<String, ObjectNode> entries = new LinkedHashMap<>();

    /** @throws IOException when the file cannot be read, or has a line that is no such object */
    static Manifest read(Path file, Configuration conf) throws IOException {
        Manifest manifest = new Manifest();
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                new GZIPInputStream(file.getFileSystem(conf).open(file)), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (!line.trim().isEmpty()) {
                    manifest.add(entry(file, line));
                }
            }
        }
        return manifest;
    }

    private static ObjectNode entry(Path file, String line) throws IOException {
        try {
            JsonNode entry = JSON.readTree(line);
            if (entry instanceof ObjectNode
                    && entry.path("path").isTextual()
                    && entry.path("baseName").isTextual()) {
                return (ObjectNode) entry;
            }
        } catch (IOException e) {
            throw new IOException(file + " is not a manifest: " + e.getMessage(), e);
        }
        throw new IOException(file + " is not a manifest: a line has no path and baseName.");
    }

    private void add(ObjectNode entry) {
        entries.put(entry.path("baseName").asText(), entry);
    }

    void add(Path path, String baseName, Path folder, long size) {
        add(JSON.createObjectNode()
                .put("path", path.toString())
                .put("baseName", baseName)
                .put("srcDir", folder.toString())
                .put("size", size));
    }

    void addAll(Manifest other) {
        other.entries.values().forEach(this::add);
    }

    boolean contains(String baseName) {
        return entries.containsKey(baseName);
    }

    /** From {@code baseName} to the file, in the order of the manifest. */
    Map<String, Path> paths() {
        Map<String, Path> paths = new LinkedHashMap<>();
        entries.forEach(
                (name, entry) -> paths.put(name, new Path(entry.path("path").asText())));
        return paths;
    }

    void write(Path file, Configuration conf) throws IOException {
        WholeFile.write(file, conf, out -> {
            try (OutputStream lines = new GZIPOutputStream(out)) {
                for (ObjectNode entry : entries.values()) {
                    lines.write((JSON.writeValueAsString(entry) + "\n").getBytes(StandardCharsets.UTF_8));
                }
            }
        });
    }
}
