package dev.emrys.emulator;

import com.google.common.collect.ComparisonChain;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A release label as numbers; a name before the numbers ({@code emr-spark-8.0.0}) is ignored. */
record Release(int major, int minor, int patch) {

    private static final Pattern LABEL =
            Pattern.compile("emr-(?:[a-z]+-)?(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})(?:-[a-z][a-z0-9]*)?");

    /** Null if EMR would not call this a release label. */
    static @Nullable Release parse(String label) {
        Matcher matcher = LABEL.matcher(label);
        return matcher.matches()
                ? new Release(
                        Integer.parseInt(matcher.group(1)),
                        Integer.parseInt(matcher.group(2)),
                        Integer.parseInt(matcher.group(3)))
                : null;
    }

    boolean atLeast(int wantedMajor, int wantedMinor) {
        return ComparisonChain.start()
                        .compare(major, wantedMajor)
                        .compare(minor, wantedMinor)
                        .result()
                >= 0;
    }

    /** Auto-termination and managed scaling: 5.30 and later, but not 6.0. */
    boolean has530Features() {
        return atLeast(5, 30) && !(major == 6 && minor == 0);
    }
}
