package dev.emrys.journal;

import com.google.common.collect.ImmutableList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** Who receives the control requests of which run, in this process. Not thread-safe: its user guards it. */
final class ControlReceivers {
    private final Map<String, Receiver> receivers = new LinkedHashMap<>();
    private final Consumer<String> warnings;

    ControlReceivers(Consumer<String> warnings) {
        this.warnings = warnings;
    }

    /** Equal to itself only: a run's next receiver may use the same consumer. */
    static final class Receiver {
        private final Consumer<ControlRequest> requests;
        private final Set<Long> reported = new HashSet<>();

        private Receiver(Consumer<ControlRequest> requests) {
            this.requests = requests;
        }
    }

    /** A request as the tables hold it. */
    record Row(long id, String run, String kind, String by) {}

    Receiver put(String run, Consumer<ControlRequest> requests) {
        Receiver added = new Receiver(requests);
        receivers.put(run, added);
        return added;
    }

    /** Without effect when another receiver has replaced this one. */
    void remove(String run, Receiver receiver) {
        receivers.remove(run, receiver);
    }

    boolean isEmpty() {
        return receivers.isEmpty();
    }

    ImmutableList<String> runs() {
        return ImmutableList.copyOf(receivers.keySet());
    }

    void clear() {
        receivers.clear();
    }

    /** Gives an open request to the run's receiver, if it has one here. What the receiver throws is thrown. */
    void deliver(Row row) {
        Receiver receiver = receivers.get(row.run());
        if (receiver == null) {
            return;
        }
        Optional<ControlRequest.Kind> kind = ControlRequest.kind(row.kind());
        if (kind.isPresent()) {
            receiver.requests.accept(new ControlRequest(row.id(), row.run(), kind.get(), row.by()));
        } else if (receiver.reported.add(row.id())) {
            warnings.accept(ControlRequest.unknown(row.run(), row.kind(), row.by()));
        }
    }
}
