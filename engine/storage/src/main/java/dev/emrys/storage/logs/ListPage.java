package dev.emrys.storage.logs;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** The pages of lists of groups and streams. */
final class ListPage {
    private static final int MOST = 50;

    private ListPage() {}

    /**
     * The items after the one that the request's token names, and a token in the answer when there are more.
     *
     * @param name of an item: those of a list are different
     */
    static <T> ImmutableList<T> of(
            Parameters parameters, Tokens tokens, List<T> items, Function<T, String> name, ObjectNode answer)
            throws LogsException {
        int limit = parameters.limit("limit", MOST).orElse(MOST);
        Optional<String> token = parameters.text("nextToken");
        int start = 0;
        if (token.isPresent()) {
            LogPosition last = tokens.read(token.get());
            int index = items.stream().map(name).toList().indexOf(last.stream());
            // When the last one was deleted meanwhile: its place in the list then.
            start = index >= 0 ? index + 1 : (int) Math.min(last.offset(), items.size());
        }
        int end = Math.min(items.size(), start + limit);
        if (end < items.size()) {
            answer.put("nextToken", tokens.write(new LogPosition(0, name.apply(items.get(end - 1)), end - 1)));
        }
        return ImmutableList.copyOf(items.subList(start, end));
    }
}
