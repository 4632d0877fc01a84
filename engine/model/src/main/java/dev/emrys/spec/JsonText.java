package dev.emrys.spec;

/**
 * A JSON text that is read from its start to its end, as far as it has exactly the expected form, without spaces. It is for large texts of a
 * known form: a general parser spends most of its time on what is known. Any other form gives an {@link OtherFormException}. Not thread-safe.
 */
final class JsonText {
    /** The text has another form than the expected one: it may be right. */
    static final class OtherFormException extends RuntimeException {
        OtherFormException() {
            super(null, null, false, false);
        }
    }

    private static final int MAX_DIGITS = 9;

    private final String json;
    private int at;

    JsonText(String json) {
        this.json = json;
    }

    boolean take(String expected) {
        if (!json.startsWith(expected, at)) {
            return false;
        }
        at += expected.length();
        return true;
    }

    void expect(String expected) {
        if (!take(expected)) {
            throw new OtherFormException();
        }
    }

    void expectEnd() {
        if (at != json.length()) {
            throw new OtherFormException();
        }
    }

    int position() {
        return at;
    }

    /** What was read since a position. */
    String since(int position) {
        return json.substring(position, at);
    }

    String text() {
        expect("\"");
        int end = json.indexOf('"', at);
        if (end < 0) {
            throw new OtherFormException();
        }
        String value = json.substring(at, end);
        if (value.indexOf('\\') >= 0) {
            return escaped();
        }
        at = end + 1;
        return value;
    }

    private String escaped() {
        StringBuilder value = new StringBuilder();
        while (true) {
            char c = next();
            if (c == '"') {
                return value.toString();
            }
            value.append(c == '\\' ? escape(next()) : c);
        }
    }

    private char escape(char c) {
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> {
                int code = 0;
                for (int i = 0; i < 4; i++) {
                    int digit = Character.digit(next(), 16);
                    if (digit < 0) {
                        throw new OtherFormException();
                    }
                    code = 16 * code + digit;
                }
                yield (char) code;
            }
            default -> throw new OtherFormException();
        };
    }

    private char next() {
        if (at >= json.length()) {
            throw new OtherFormException();
        }
        return json.charAt(at++);
    }

    /** A whole number from 0 to 999,999,999. */
    int number() {
        int from = at;
        int value = 0;
        while (at < json.length() && json.charAt(at) >= '0' && json.charAt(at) <= '9') {
            value = 10 * value + (json.charAt(at++) - '0');
            if (at - from > MAX_DIGITS) {
                throw new OtherFormException();
            }
        }
        if (at == from) {
            throw new OtherFormException();
        }
        return value;
    }

    double decimal() {
        int from = at;
        while (at < json.length() && "+-.eE0123456789".indexOf(json.charAt(at)) >= 0) {
            at++;
        }
        try {
            return Double.parseDouble(json.substring(from, at));
        } catch (NumberFormatException e) {
            throw new OtherFormException();
        }
    }

    /** The text of the object or list that begins here. */
    String value() {
        int from = at;
        int depth = 0;
        do {
            char c = next();
            if (c == '"') {
                at--;
                var unused = text();
            } else if (c == '{' || c == '[') {
                depth++;
            } else if (c == '}' || c == ']') {
                depth--;
            }
        } while (depth > 0);
        return json.substring(from, at);
    }
}
