package dev.emrys.jobs;

import java.nio.charset.CharacterCodingException;
import java.util.Arrays;
import org.apache.hadoop.io.Text;

/**
 * The definitions that both word counts share.
 *
 * <p><b>A word</b> is a maximal run of bytes other than space, tab, newline, carriage return and form feed. Any other
 * white space of Unicode is part of a word, as are punctuation and a byte order mark, and case matters. The five are
 * ASCII, and no byte of a longer UTF-8 character is in the ASCII range: so splitting the bytes splits the characters.
 * Bytes that are not UTF-8 need no rule of their own: words are kept, compared and written as the bytes that they are,
 * never decoded.
 *
 * <p><b>A result</b> has one line for each word, {@code word<TAB>count<LF>}, the highest count first and words of the
 * same count in the order of their bytes (unsigned, which for UTF-8 is the order of code points).
 */
final class WordCounts {
    private static final int SHOWN = 200;

    private WordCounts() {}

    static boolean isSeparator(byte value) {
        return value == ' ' || value == '\t' || value == '\n' || value == '\r' || value == '\f';
    }

    /** The count of a result's line; the word is before the tab. */
    static long count(Text line) throws Refusal {
        int tab = line.find("\t");
        try {
            return Long.parseLong(Text.decode(line.getBytes(), tab + 1, line.getLength() - tab - 1));
        } catch (CharacterCodingException | NumberFormatException noCount) {
            throw new Refusal("A line of the result is not a word, a tab and a count: " + shown(line));
        }
    }

    /** The word of a result's line, for people. */
    static String word(Text line) {
        return shown(new Text(Arrays.copyOf(line.getBytes(), Math.max(0, line.find("\t")))));
    }

    /** For people: cut, with what is no UTF-8 replaced. */
    static String shown(Text text) {
        String whole = text.toString();
        int end = whole.offsetByCodePoints(0, Math.min(SHOWN, whole.codePointCount(0, whole.length())));
        return end == whole.length() ? whole : whole.substring(0, end) + "… (" + text.getLength() + " bytes)";
    }
}
