package dev.emrys.spec;

import com.google.common.collect.ImmutableList;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Checks members of EMR's request that an author wrote. A value that is null, as the author said nothing, is right.
 *
 * @param element what has the members, such as {@code the cluster "etl"}
 * @param location where it was written
 */
record MemberCheck(String element, SourceLocation location, Diagnostics diagnostics) {
    /** The longest text of EMR's type {@code XmlStringMaxLen256}. */
    static final int SHORT = 256;

    /** The longest text of EMR's type {@code XmlString}. */
    static final int LONG = 10_280;

    private static final Pattern PRICE = Pattern.compile("(0|[1-9]\\d{0,5})(\\.\\d{1,10})?");

    /** A text that is not blank, has at most so many characters, and no placeholder: none of these is filled in. */
    void text(String word, @Nullable String value, int max) {
        if (value == null) {
            return;
        }
        if (Placeholders.any(value)) {
            diagnostics.add(ClusterCode.MEMBER_PLACEHOLDER, location, word, element, value);
        } else if (value.isBlank() || value.length() > max) {
            diagnostics.add(
                    ClusterCode.MEMBER_LENGTH, location, word, element, value.isBlank() ? 0 : value.length(), max);
        }
    }

    void texts(String word, ImmutableList<String> values, int max) {
        values.forEach(value -> text(word, value, max));
    }

    /** @param example what to write instead */
    void form(String word, @Nullable String value, Pattern form, String example) {
        if (value != null && !form.matcher(value).matches()) {
            diagnostics.add(ClusterCode.MEMBER_FORM, location, word, element, value, example);
        }
    }

    /** US dollars per hour, more than nothing. */
    void price(String word, @Nullable String value) {
        if (value != null && (!PRICE.matcher(value).matches() || Double.parseDouble(value) <= 0)) {
            diagnostics.add(ClusterCode.SPOT_PRICE, location, value);
        }
    }

    void range(String word, @Nullable Number value, long min, long max) {
        if (value != null && (value.doubleValue() < min || value.doubleValue() > max)) {
            diagnostics.add(ClusterCode.MEMBER_RANGE, location, word, element, value, min + " to " + max);
        }
    }

    void atLeast(String word, @Nullable Number value, long min) {
        if (value != null && !(value.doubleValue() >= min)) {
            diagnostics.add(ClusterCode.MEMBER_RANGE, location, word, element, value, min + " or more");
        }
    }

    /** @param isThere whether the author wrote both */
    void exclusive(boolean isThere, String one, String other, String why) {
        diagnostics.unless(!isThere, ClusterCode.MEMBERS_EXCLUSIVE, location, element, one, other, why);
    }

    /** @param isMissing whether the author wrote {@code one} without what it needs */
    void needs(boolean isMissing, String one, String other, String fix) {
        diagnostics.unless(!isMissing, ClusterCode.MEMBER_NEEDS, location, element, one, other, fix);
    }
}
