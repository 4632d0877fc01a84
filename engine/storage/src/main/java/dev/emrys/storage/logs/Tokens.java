package dev.emrys.storage.logs;

import com.google.common.base.Splitter;
import com.google.common.hash.Hashing;
import com.google.common.io.BaseEncoding;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The tokens by which answers are continued. One of another request is refused. They do not expire.
 *
 * @param request a digest of the parameters that must be the same in the next request
 */
record Tokens(String request) {
    private static final Splitter PARTS = Splitter.on('\n').limit(4);
    private static final BaseEncoding BASE = BaseEncoding.base64Url().omitPadding();

    static Tokens of(String operation, String parameters) {
        return new Tokens(Hashing.sha256()
                .hashString(operation + "\n" + parameters, StandardCharsets.UTF_8)
                .toString()
                .substring(0, 16));
    }

    String write(LogPosition position) {
        String text = request + "\n" + position.timestamp() + "\n" + position.offset() + "\n" + position.stream();
        return BASE.encode(text.getBytes(StandardCharsets.UTF_8));
    }

    LogPosition read(String token) throws LogsException {
        try {
            List<String> parts = PARTS.splitToList(new String(BASE.decode(token), StandardCharsets.UTF_8));
            if (parts.size() == 4 && parts.get(0).equals(request)) {
                return new LogPosition(Long.parseLong(parts.get(1)), parts.get(3), Long.parseLong(parts.get(2)));
            }
        } catch (IllegalArgumentException e) {
            // As one of another request.
        }
        throw LogsException.badToken();
    }
}
