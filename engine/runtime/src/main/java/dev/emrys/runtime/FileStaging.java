package dev.emrys.runtime;

import com.google.common.collect.ImmutableMap;
import com.google.common.hash.Hashing;
import com.google.common.io.MoreFiles;
import dev.emrys.spec.PipelineSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Which objects on S3 take the place of the files of this machine that a spec names: {@code PLACE/SHA-256/NAME}, so that
 * the same content is always the same object, and other content never is. It asks AWS nothing, and loads none of the
 * SDK.
 */
final class FileStaging {
    private final String place;

    /** @param place {@code s3://bucket/prefix/} */
    FileStaging(String place) {
        this.place = place.endsWith("/") ? place : place + "/";
    }

    /**
     * A file and its object.
     *
     * @param sha256 of its content, in hexadecimal
     * @param size in bytes
     * @param uri of the object
     */
    record StagedFile(Path path, String sha256, long size, String uri) {}

    /**
     * The objects of a spec's files, by the URIs of the files in its texts. Reads the files.
     *
     * @throws UncheckedIOException when one cannot be read
     */
    ImmutableMap<String, StagedFile> files(PipelineSpec spec) {
        ImmutableMap.Builder<String, StagedFile> files = ImmutableMap.builder();
        for (String uri : LocalFiles.in(spec)) {
            Path path = LocalFiles.path(uri)
                    .orElseThrow(() -> new UncheckedIOException(new IOException(uri + " is no URI of a file")));
            files.put(uri, file(path));
        }
        return files.buildOrThrow();
    }

    private StagedFile file(Path path) {
        try {
            String hash = MoreFiles.asByteSource(path).hash(Hashing.sha256()).toString();
            // A comma or a space would end the URI in a list or an argument.
            String name = path.getFileName().toString().replaceAll("[^A-Za-z0-9._=+@-]", "-");
            return new StagedFile(path, hash, Files.size(path), place + hash + "/" + name);
        } catch (IOException e) {
            throw new UncheckedIOException("The file " + path + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** The spec with the objects instead of the files. */
    static PipelineSpec placed(PipelineSpec spec, Map<String, StagedFile> files) {
        ImmutableMap.Builder<String, String> uris = ImmutableMap.builder();
        files.forEach((uri, file) -> uris.put(uri, file.uri()));
        return LocalFiles.replaced(spec, uris.buildOrThrow());
    }
}
