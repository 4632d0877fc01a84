package dev.emrys.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import java.util.function.Consumer;

/** Turns the JSON form of an event of an earlier version into the next one, version by version. */
final class EventUpcasters {
    /** At index 0 from version 1 to version 2, and so on. */
    private static final ImmutableList<Consumer<ObjectNode>> UPCASTERS = ImmutableList.of(EventUpcasters::toVersion2);

    private EventUpcasters() {}

    /** @return the version that {@link #upcast} leads to */
    static int newest() {
        return UPCASTERS.size() + 1;
    }

    /** Changes the event's tree in place. */
    static void upcast(ObjectNode event, int version) {
        UPCASTERS.subList(version - 1, UPCASTERS.size()).forEach(upcaster -> upcaster.accept(event));
    }

    /** Version 2 says {@code scope-lost} for {@code cluster-lost}: a cluster is one kind of scope. */
    private static void toVersion2(ObjectNode event) {
        if (event.path("type").asText().equals("cluster-lost")) {
            event.put("type", "scope-lost");
        }
    }
}
