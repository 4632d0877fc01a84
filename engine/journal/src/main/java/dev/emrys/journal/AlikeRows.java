package dev.emrys.journal;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/** Groups what is written by one statement for many rows, which is given the values that they share once. */
final class AlikeRows {
    /** For how many rows there are statements: each is prepared once for a connection. */
    static final int MANY = 256;

    static final int SOME = 16;

    /** To look for the group of a row costs as much as each of them. */
    private static final int MOST_GROUPS = 8;

    private AlikeRows() {}

    /**
     * Groups in the order of their first rows.
     *
     * @param alike whether two rows share these values
     * @param rest gets the rows that are in no group
     */
    static <T> List<List<T>> groups(Iterable<T> rows, BiPredicate<T, T> alike, List<T> rest) {
        List<List<T>> groups = new ArrayList<>();
        for (T row : rows) {
            List<T> group = groupOf(row, groups, alike);
            if (group != null) {
                group.add(row);
            } else if (groups.size() < MOST_GROUPS) {
                groups.add(new ArrayList<>(List.of(row)));
            } else {
                rest.add(row);
            }
        }
        return groups;
    }

    private static <T> @Nullable List<T> groupOf(T row, List<List<T>> groups, BiPredicate<T, T> alike) {
        for (List<T> group : groups) {
            if (alike.test(group.get(0), row)) {
                return group;
            }
        }
        return null;
    }
}
