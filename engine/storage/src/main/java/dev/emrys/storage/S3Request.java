package dev.emrys.storage;

import com.google.common.base.Ascii;
import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableListMultimap;
import com.google.common.escape.Escaper;
import com.google.common.net.PercentEscaper;
import java.io.InputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/** A request in the path style of S3: {@code /bucket/key?subresource}. Its body is read by one thread. */
final class S3Request {
    /** Encodes as a signature requires it, and S3 in listings. */
    static final Escaper PATH = new PercentEscaper("-_.~/", false);

    static final Escaper WORD = new PercentEscaper("-_.~", false);

    private static final char REPLACEMENT = '\uFFFD';

    private final Request http;
    private final String path;
    private final String bucket;
    private final String key;
    private final ImmutableListMultimap<String, String> query;

    /** @throws S3Exception when the path or the query is not UTF-8 in percent-encoding */
    S3Request(Request http) throws S3Exception {
        this.http = http;
        String raw = http.getHttpURI().getPath();
        this.path = decoded(raw == null || raw.isEmpty() ? "/" : raw.replace("+", "%2B"));
        int slash = path.indexOf('/', 1);
        this.bucket = path.substring(Math.min(1, path.length()), slash < 0 ? path.length() : slash);
        this.key = slash < 0 ? "" : path.substring(slash + 1);
        ImmutableListMultimap.Builder<String, String> parameters = ImmutableListMultimap.builder();
        String text = http.getHttpURI().getQuery();
        for (String parameter : Splitter.on('&').omitEmptyStrings().split(text == null ? "" : text)) {
            int equal = parameter.indexOf('=');
            parameters.put(
                    decoded(equal < 0 ? parameter : parameter.substring(0, equal)),
                    equal < 0 ? "" : decoded(parameter.substring(equal + 1)));
        }
        this.query = parameters.build();
    }

    static String decoded(String text) throws S3Exception {
        try {
            String decoded = URLDecoder.decode(text, StandardCharsets.UTF_8);
            if (decoded.indexOf(REPLACEMENT) >= 0 && !Ascii.toUpperCase(text).contains("%EF%BF%BD")) {
                throw S3Exception.badRequest("InvalidURI", "Couldn't parse the specified URI.");
            }
            return decoded;
        } catch (IllegalArgumentException e) {
            throw S3Exception.badRequest("InvalidURI", "Couldn't parse the specified URI.");
        }
    }

    String method() {
        return http.getMethod();
    }

    boolean isMethod(String method) {
        return http.getMethod().equals(method);
    }

    /** Decoded, with a slash first. */
    String path() {
        return path;
    }

    /** Empty for the service itself. */
    String bucket() {
        return bucket;
    }

    /** Empty for the bucket itself. */
    String key() {
        return key;
    }

    ImmutableListMultimap<String, String> query() {
        return query;
    }

    boolean has(String parameter) {
        return query.containsKey(parameter);
    }

    @Nullable
    String parameter(String name) {
        return query.containsKey(name) ? query.get(name).get(0) : null;
    }

    String parameter(String name, String otherwise) {
        String value = parameter(name);
        return value == null ? otherwise : value;
    }

    /** A parameter with an integer, at least {@code least}. */
    int number(String name, int otherwise, int least) throws S3Exception {
        String value = parameter(name);
        if (value == null || value.isEmpty()) {
            return otherwise;
        }
        try {
            int number = Integer.parseInt(value);
            if (number >= least) {
                return number;
            }
        } catch (NumberFormatException e) {
            // As one that is too small.
        }
        throw S3Exception.invalidArgument("Provided " + name + " not an integer or within integer range");
    }

    @Nullable
    String header(String name) {
        return http.getHeaders().get(name);
    }

    Iterable<HttpField> headers() {
        return http.getHeaders();
    }

    /** Of the body; -1 if it is not known. */
    long length() {
        return http.getLength();
    }

    InputStream body() {
        return Content.Source.asInputStream(http);
    }
}
