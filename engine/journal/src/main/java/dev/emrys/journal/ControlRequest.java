package dev.emrys.journal;

import com.google.common.collect.ImmutableList;
import java.util.Optional;

/**
 * A request to the driver of a run, often from another process.
 *
 * @param id its number in the journal
 * @param run the id of the run
 * @param by who sent it, for people
 */
public record ControlRequest(long id, String run, Kind kind, String by) {

    /** The names of all kinds that this version knows. */
    static final ImmutableList<String> KNOWN_KINDS = ImmutableList.of(Cancel.NAME);

    /** What is requested. */
    public sealed interface Kind {
        /** Under which it is stored; never changes. */
        String name();

        <R> R accept(Cases<R> cases);
    }

    /** One method per kind: a new one does not compile until every place that distinguishes them handles it. */
    public interface Cases<R> {
        R cancel(Cancel cancel);
    }

    /** End the run and its clusters. */
    public record Cancel() implements Kind {
        private static final String NAME = "cancel";

        @Override
        public String name() {
            return NAME;
        }

        @Override
        public <R> R accept(Cases<R> cases) {
            return cases.cancel(this);
        }
    }

    /** Empty when only a newer version knows the kind. */
    static Optional<Kind> kind(String name) {
        return name.equals(Cancel.NAME) ? Optional.of(new Cancel()) : Optional.empty();
    }

    /** What is reported of a request that this version does not know. */
    static String unknown(String run, String kindName, String by) {
        return "The control request \"" + kindName + "\" of " + by + " to run " + run
                + " is not known to this version of Emrys, and is kept.\n    Drive the run with a newer Emrys.";
    }
}
