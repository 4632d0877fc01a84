package dev.emrys.journal;

import com.google.common.collect.ImmutableList;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** The runs of a journal. When a run ends or is reopened, its record follows from the appended event. Thread-safe. */
public interface RunCatalog {
    /**
     * Records a new run with its spec, and acquires it for the caller, in one commit, which runs that begin at the same
     * time may share. Does not wait for it.
     *
     * @param spec the spec's JSON form
     * @return completes with the run's first lease when the run is durable; fails with {@link DuplicateRunException}
     *     when the id or the name is already used, and with another {@link JournalException} when the journal cannot be
     *     written
     */
    CompletableFuture<Lease> begin(RunRecord run, String spec);

    /**
     * As {@link #begin}, and waits until the run is durable.
     *
     * @throws DuplicateRunException when the id or the name is already used
     * @throws JournalException when the journal cannot be written
     */
    default Lease create(RunRecord run, String spec) {
        try {
            return begin(run, spec).join();
        } catch (CompletionException e) {
            throw JournalException.of(e);
        }
    }

    /**
     * Finds a run by its id, its name, or a prefix of either that belongs to this run alone.
     *
     * @throws AmbiguousRunException when several runs match
     */
    Optional<RunRecord> find(String idOrName);

    /** The newest runs first, at most {@code limit}. */
    ImmutableList<RunRecord> list(int limit);

    /**
     * The runs of a pipeline that have succeeded and ended at {@code from} or later, by their ends; at most {@code
     * limit}.
     *
     * @param pipeline its name
     */
    ImmutableList<RunRecord> succeeded(String pipeline, Instant from, int limit);

    /**
     * The JSON form of the run's spec, as it was when the run started, in UTF-8: a text would be a copy of it, of many
     * megabytes for a large spec.
     *
     * @throws JournalException when there is no such run
     */
    byte[] spec(String run);
}
