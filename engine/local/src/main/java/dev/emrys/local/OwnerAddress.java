package dev.emrys.local;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

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
    /** Without data binding, which a run would load for this file only: it takes 90 ms. */
    private static final JsonFactory JSON = new JsonFactory();

    private static final int PING_MILLIS = 5_000;

    public URI uri() {
        return URI.create("http://127.0.0.1:" + port);
    }

    void write(Path file) throws IOException {
        Path temporary = file.resolveSibling(file.getFileName() + "." + pid);
        Files.deleteIfExists(temporary);
        try (var channel = Files.newByteChannel(
                temporary,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PrivateFiles.attributesOfFile(temporary))) {
            channel.write(ByteBuffer.wrap(json()));
        }
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private byte[] json() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            json.writeStartObject();
            json.writeNumberField("port", port);
            json.writeStringField("token", token);
            json.writeStringField("proof", proof);
            json.writeNumberField("pid", pid);
            json.writeEndObject();
        }
        return bytes.toByteArray();
    }

    /** Empty when there is no such file, or another text in it. Members of a later version are passed over. */
    static Optional<OwnerAddress> read(Path file) {
        try {
            Map<String, String> members = members(Files.readAllBytes(file));
            return Optional.of(new OwnerAddress(
                    Integer.parseInt(members.getOrDefault("port", "")),
                    members.getOrDefault("token", ""),
                    members.getOrDefault("proof", ""),
                    Long.parseLong(members.getOrDefault("pid", ""))));
        } catch (IOException | NumberFormatException e) {
            return Optional.empty();
        }
    }

    private static Map<String, String> members(byte[] file) throws IOException {
        Map<String, String> members = new HashMap<>();
        try (JsonParser json = JSON.createParser(file)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                return members;
            }
            for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
                JsonToken value = json.nextToken();
                if (value != null && value.isScalarValue()) {
                    members.put(name, json.getText());
                } else {
                    json.skipChildren();
                }
            }
            return members;
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
