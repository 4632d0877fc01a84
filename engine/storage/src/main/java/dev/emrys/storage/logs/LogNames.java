package dev.emrys.storage.logs;

import com.google.common.escape.Escaper;
import com.google.common.hash.Hashing;
import com.google.common.net.PercentEscaper;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/**
 * The names of log groups and streams.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html">CreateLogGroup</a>
 */
public final class LogNames {
    static final int LONGEST = 512;

    private static final Pattern GROUP = Pattern.compile("[.\\-_/#A-Za-z0-9]+");

    private static final Escaper FILE = new PercentEscaper("-_.~@=+,# ", false);

    /** Shorter than the 255 that file systems allow: a temporary file has a longer name. */
    private static final int LONGEST_FILE = 200;

    private static final int KEPT = 120;

    private LogNames() {}

    /** Whether a group may have the name: 1 to 512 letters, digits and {@code . - _ / #}. */
    public static boolean isGroup(String name) {
        return name.length() <= LONGEST && GROUP.matcher(name).matches();
    }

    /** Whether a stream may have the name: 1 to 512 characters without {@code :} and {@code *}. */
    public static boolean isStream(String name) {
        return !name.isEmpty()
                && name.length() <= LONGEST
                && name.indexOf(':') < 0
                && name.indexOf('*') < 0
                && StandardCharsets.UTF_8.newEncoder().canEncode(name);
    }

    static String group(String name, String member) throws LogsException {
        checkLength(name, member);
        if (!isGroup(name)) {
            throw LogsException.constraint(
                    name, member, "Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+");
        }
        return name;
    }

    static String stream(String name, String member) throws LogsException {
        checkLength(name, member);
        if (!isStream(name)) {
            throw LogsException.constraint(name, member, "Member must satisfy regular expression pattern: [^:*]*");
        }
        return name;
    }

    private static void checkLength(String name, String member) throws LogsException {
        if (name.isEmpty()) {
            throw LogsException.constraint(name, member, "Member must have length greater than or equal to 1");
        }
        if (name.length() > LONGEST) {
            throw LogsException.constraint(name, member, "Member must have length less than or equal to " + LONGEST);
        }
    }

    /**
     * The name of its file or folder, which no other name has, but where the file system ignores the case of letters.
     */
    static String file(String name) {
        String escaped = FILE.escape(name);
        if (escaped.startsWith(".")) {
            escaped = "%2E" + escaped.substring(1);
        }
        if (escaped.length() <= LONGEST_FILE) {
            return escaped;
        }
        return escaped.substring(0, KEPT) + "%~" + digest(name);
    }

    /** Another name for it, when a file system that ignores the case has one of that name already. */
    static String otherFile(String name) {
        String escaped = FILE.escape(name);
        return "%" + escaped.substring(0, Math.min(KEPT, escaped.length())) + "%~" + digest(name);
    }

    private static String digest(String name) {
        return Hashing.sha256().hashString(name, StandardCharsets.UTF_8).toString();
    }
}
