package dev.emrys.local;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Where the owner process of an account listens. Stored in a file that only this user may read.
 *
 * @param port on the loopback address
 * @param token the AWS access key id that clients send
 * @param proof what the owner process answers to a ping: another process on the port, after the owner process was
 *     killed, does not know it
 * @param pid of the owner process
 */
public record OwnerAddress(int port, String token, String proof, long pid) {
    /** This process writes the file, and a run must not load a JSON library (90 ms) to read it. */
    private static final Pattern MEMBER = Pattern.compile("\"(\\w+)\"\\s*:\\s*\"?(\\w+)");

    private static final int PING_MILLIS = 5_000;

    public URI uri() {
        return URI.create("http://127.0.0.1:" + port);
    }

    void write(Path file) throws IOException {
        String json =
                "{\"port\":" + port + ",\"token\":\"" + token + "\",\"proof\":\"" + proof + "\",\"pid\":" + pid + "}";
        Path temporary = file.resolveSibling(file.getFileName() + "." + pid);
        Files.deleteIfExists(temporary);
        try (var channel = Files.newByteChannel(
                temporary,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PrivateFiles.attributesOfFile(temporary))) {
            channel.write(java.nio.ByteBuffer.wrap(json.getBytes(StandardCharsets.UTF_8)));
        }
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    static Optional<OwnerAddress> read(Path file) {
        try {
            Map<String, String> members = new HashMap<>();
            MEMBER.matcher(Files.readString(file, StandardCharsets.UTF_8))
                    .results()
                    .forEach(member -> members.put(member.group(1), member.group(2)));
            return Optional.of(new OwnerAddress(
                    Integer.parseInt(members.getOrDefault("port", "")),
                    members.getOrDefault("token", ""),
                    members.getOrDefault("proof", ""),
                    Long.parseLong(members.getOrDefault("pid", ""))));
        } catch (IOException | NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** Whether the owner process answers there, and no other one. Blocks for up to 10 seconds. */
    public boolean answers() {
        try {
            HttpURLConnection connection =
                    (HttpURLConnection) uri().resolve("/ping").toURL().openConnection(java.net.Proxy.NO_PROXY);
            connection.setConnectTimeout(PING_MILLIS);
            connection.setReadTimeout(PING_MILLIS);
            connection.setRequestProperty("X-Emrys-Token", token);
            boolean answers = connection.getResponseCode() == HttpURLConnection.HTTP_OK
                    && !proof.isEmpty()
                    && proof.equals(connection.getHeaderField("X-Emrys-Proof"));
            connection.disconnect();
            return answers;
        } catch (IOException e) {
            return false;
        }
    }
}
