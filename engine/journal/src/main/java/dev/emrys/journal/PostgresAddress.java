package dev.emrys.journal;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableMap;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where a journal on PostgreSQL is: {@code postgresql://[user[:password]@]host[:port]/database[?parameter=value&...]},
 * as psql and libpq take it, with the parameters of the JDBC driver, such as {@code sslmode}. The tables are in the
 * schema {@code emrys}, or in the one that the parameter {@code currentSchema} names. See
 * https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS and
 * https://jdbc.postgresql.org/documentation/use/.
 *
 * @param jdbcUrl without user and password
 * @param schema the schema of the tables
 * @param user empty when the URL names none: then the driver takes the name of the user of this process
 * @param password empty when the URL has none: then that of the variable {@code PGPASSWORD} or of the user's file
 *     {@code .pgpass}
 */
public record PostgresAddress(String jdbcUrl, String schema, Optional<String> user, Optional<String> password) {
    private static final String DEFAULT_SCHEMA = "emrys";
    private static final String SOCKET_TIMEOUT_SECONDS = "30";
    private static final String SCHEMA_PARAMETER = "currentSchema";

    /**
     * @param url also with the prefix {@code jdbc:}, and {@code postgres:} for {@code postgresql:}
     * @throws JournalException when it is none
     */
    public static PostgresAddress parse(String url) {
        URI uri = uri(url.startsWith("jdbc:") ? url.substring("jdbc:".length()) : url);
        if (uri.getScheme() == null
                || !(uri.getScheme().equals("postgresql") || uri.getScheme().equals("postgres"))) {
            throw unusable("it does not begin with postgresql://");
        }
        String database = uri.getPath() == null ? "" : uri.getPath().replaceFirst("^/", "");
        if (uri.getHost() == null || database.isEmpty()) {
            throw unusable("it names no " + (uri.getHost() == null ? "host" : "database"));
        }
        Map<String, String> parameters = parameters(uri.getRawQuery());
        String schema = Optional.ofNullable(parameters.remove(SCHEMA_PARAMETER)).orElse(DEFAULT_SCHEMA);
        @Nullable String user = parameters.remove("user");
        @Nullable String password = parameters.remove("password");
        String userInfo = uri.getRawUserInfo();
        if (userInfo != null) {
            int colon = userInfo.indexOf(':');
            user = decoded(colon < 0 ? userInfo : userInfo.substring(0, colon));
            password = colon < 0 ? password : decoded(userInfo.substring(colon + 1));
        }
        String jdbc = "jdbc:postgresql://" + uri.getHost() + (uri.getPort() < 0 ? "" : ":" + uri.getPort())
                + uri.getRawPath() + query(uri.getRawQuery(), parameters);
        return new PostgresAddress(jdbc, schema, Optional.ofNullable(user), Optional.ofNullable(password));
    }

    private static URI uri(String url) {
        try {
            return new URI(url);
        } catch (URISyntaxException e) {
            // Its message has the whole URL, and so the password.
            throw unusable("it is no URL: " + e.getReason() + " at character " + (e.getIndex() + 1));
        }
    }

    private static JournalException unusable(String why) {
        return new JournalException(
                "The journal's URL cannot be used: " + why
                        + ".\n    Write it as postgresql://user@host:5432/database; the password belongs in the file ~/.pgpass.",
                null);
    }

    private static Map<String, String> parameters(@Nullable String query) {
        Map<String, String> parameters = new LinkedHashMap<>();
        for (String parameter : Splitter.on('&').omitEmptyStrings().split(query == null ? "" : query)) {
            int equals = parameter.indexOf('=');
            parameters.put(
                    equals < 0 ? parameter : parameter.substring(0, equals),
                    equals < 0 ? "" : decoded(parameter.substring(equals + 1)));
        }
        return parameters;
    }

    /** The parameters that are left, as they were written. */
    private static String query(@Nullable String query, Map<String, String> left) {
        StringBuilder text = new StringBuilder();
        for (String parameter : Splitter.on('&').omitEmptyStrings().split(query == null ? "" : query)) {
            if (left.containsKey(parameter.replaceFirst("=.*", ""))) {
                text.append(text.isEmpty() ? '?' : '&').append(parameter);
            }
        }
        return text.toString();
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    /** For the connections. */
    ImmutableMap<String, String> properties() {
        ImmutableMap.Builder<String, String> properties = ImmutableMap.builder();
        user.ifPresent(name -> properties.put("user", name));
        password.or(() -> Optional.ofNullable(System.getenv("PGPASSWORD")))
                .ifPresent(text -> properties.put("password", text));
        // The server reads a list of identifiers.
        return properties
                .put(SCHEMA_PARAMETER, '"' + schema.replace("\"", "\"\"") + '"')
                .put("ApplicationName", "emrys")
                // A server that vanishes without a word would be waited for without a limit. The URL may name others.
                .put("socketTimeout", SOCKET_TIMEOUT_SECONDS)
                .put("tcpKeepAlive", "true")
                .buildOrThrow();
    }

    /** A URL of the same journal, for people: without the password. */
    @Override
    public String toString() {
        String url = jdbcUrl.substring("jdbc:".length());
        if (user.isPresent()) {
            url = url.replaceFirst("//", "//" + encoded(user.get()).replace("$", "%24") + "@");
        }
        if (!schema.equals(DEFAULT_SCHEMA)) {
            url += (url.contains("?") ? "&" : "?") + SCHEMA_PARAMETER + "=" + encoded(schema);
        }
        return url;
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
