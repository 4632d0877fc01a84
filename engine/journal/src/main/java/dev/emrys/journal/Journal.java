package dev.emrys.journal;

import com.google.common.collect.ImmutableList;
import dev.emrys.run.Event;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The facts of all runs of one state folder, in order. Thread-safe. Reads block; appends do not. */
public interface Journal extends AutoCloseable {

    /**
     * A run, as lists show it.
     *
     * @param id globally unique
     * @param name memorable, unique in this journal
     * @param pipeline the pipeline's name
     * @param script the path of the script; empty when the run came from no file
     * @param target where its tasks run, such as {@code local}
     * @param endedAt null while it has not ended
     * @param outcome null while it has not ended
     */
    record RunRecord(
            String id,
            String name,
            String pipeline,
            String script,
            String target,
            Instant startedAt,
            @Nullable Instant endedAt,
            @Nullable String outcome) {}

    /**
     * A wish that another process left for whoever drives a run.
     *
     * @param kind such as {@code cancel}
     * @param by who left it
     */
    record Wish(long id, String run, String kind, String by) {}

    /**
     * Writes a new run down, with its spec. It is durable when this returns.
     *
     * @throws JournalException when it cannot be written, or the id or the name is taken
     */
    void create(RunRecord run, String spec);

    /**
     * Appends events of one run, all or none. The future completes when they are durable, and exceptionally with a {@link
     * JournalException} when they are not: then nothing of them is there. The
     * futures of one run complete in the order of the appends.
     *
     * @param firstSeq the number of the first event, from 1; a number that is taken means that somebody else drives the run
     */
    CompletableFuture<@Nullable Void> append(String run, long firstSeq, ImmutableList<Event> events);

    /** Every event of a run, in order. */
    ImmutableList<Event> events(String run);

    /** The JSON form of the run's spec, as it was when the run started. */
    String spec(String run);

    /**
     * Finds a run by its id, its name, or a beginning of either that only it has.
     *
     * @throws AmbiguousRunException when several runs fit
     */
    Optional<RunRecord> find(String idOrName);

    /** The newest runs first, at most {@code limit}. */
    ImmutableList<RunRecord> runs(int limit);

    /**
     * Becomes the driver of a run.
     *
     * @return empty when somebody else is; {@link #holder} says who
     */
    Optional<Ownership> own(String run);

    /** Who drives the run now; empty when nobody does. */
    Optional<Holder> holder(String run);

    /** Leaves a wish for the run's driver. It is durable when this returns. */
    void wish(String run, String kind, String by);

    /**
     * Hands every wish for a run to {@code receiver}, those first that are there already; each at least once, until {@link
     * #granted}. Closing the result ends it.
     */
    AutoCloseable receive(String run, Consumer<Wish> receiver);

    /** Drops every wish for a run that has not been granted: those were for what it did before it ended. */
    void dropWishes(String run);

    /** The wish has become an event; it need not be handed out again. */
    void granted(Wish wish);

    @Override
    void close();

    /** The right to drive a run, until it is closed or the process dies. */
    interface Ownership extends AutoCloseable {
        @Override
        void close();
    }

    /** Who drives a run. */
    record Holder(long pid, String host, Instant since) {}
}
