package dev.emrys.emulator;

import com.google.common.collect.ImmutableList;
import com.google.common.io.BaseEncoding;
import com.google.common.primitives.Longs;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Lists by pages of 50. A marker stands for the last element that was shown, so that new elements do not move a page. */
final class Pages {

    static final int SIZE = 50;

    private Pages() {}

    /**
     * One page.
     *
     * @param marker what leads to the next one; absent on the last (never empty: paginators stop at an absent one)
     */
    record Page<T>(ImmutableList<T> items, @Nullable String marker) {}

    /** The place from which {@code marker} goes on downwards; without a marker the very top. */
    static long below(@Nullable String marker) {
        if (marker == null) {
            return Long.MAX_VALUE;
        }
        try {
            Long place = Longs.tryParse(new String(BaseEncoding.base64Url().decode(marker), StandardCharsets.UTF_8));
            if (place != null) {
                return place;
            }
        } catch (IllegalArgumentException e) {
            throw badMarker(marker);
        }
        throw badMarker(marker);
    }

    /** The first page of what is left, in descending order of {@code place}. */
    static <T> Page<T> of(Stream<T> left, ToLongFunction<T> place) {
        ImmutableList.Builder<T> items = ImmutableList.builder();
        Iterator<T> iterator = left.iterator();
        long last = 0;
        for (int i = 0; i < SIZE && iterator.hasNext(); i++) {
            T item = iterator.next();
            items.add(item);
            last = place.applyAsLong(item);
        }
        return new Page<>(items.build(), iterator.hasNext() ? marker(last) : null);
    }

    private static String marker(long place) {
        return BaseEncoding.base64Url().encode(Long.toString(place).getBytes(StandardCharsets.UTF_8));
    }

    private static RuntimeException badMarker(String marker) {
        return Errors.invalid("InvalidMarker", "Marker '" + marker + "' is not valid.");
    }
}
