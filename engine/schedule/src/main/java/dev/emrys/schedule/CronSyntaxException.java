package dev.emrys.schedule;

/** A cron expression that cannot be understood or that never fires, with the part that is wrong and how to write it. */
public final class CronSyntaxException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    private final String text;
    private final int offset;
    private final int length;
    private final String problem;
    private final String fix;

    CronSyntaxException(String text, int offset, int length, String problem, String fix) {
        super(problem + " (" + position(text, offset, length) + " \"" + text + "\"). " + fix);
        this.text = text;
        this.offset = offset;
        this.length = length;
        this.problem = problem;
        this.fix = fix;
    }

    private static String position(String text, int offset, int length) {
        if (offset == text.length()) {
            return "at the end of";
        }
        int first = offset + 1;
        return length <= 1 ? "character " + first + " of" : "characters " + first + " to " + (offset + length) + " of";
    }

    /** The whole expression, as the author wrote it. */
    public String text() {
        return text;
    }

    /** Where the wrong part starts, counted from 0; the text's length when something is missing at its end. */
    public int offset() {
        return offset;
    }

    /** The number of characters of the wrong part; 0 when something is missing. */
    public int length() {
        return length;
    }

    /** What is wrong, without a full stop. */
    public String problem() {
        return problem;
    }

    /** How to write it, a sentence. */
    public String fix() {
        return fix;
    }
}
