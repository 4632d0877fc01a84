package dev.emrys.bench;

import com.google.common.collect.ImmutableList;
import java.nio.file.Path;

/** Something that is measured once in each round, in processes of its own. */
interface Case {
    String name();

    /** The rows for which it gives samples. */
    ImmutableList<Row> rows();

    /** Whether it takes so long that it is measured only when it is asked for. */
    default boolean onlyByName() {
        return false;
    }

    /** Called once, before the first round. */
    default void prepare() throws Exception {}

    /**
     * Measures once.
     *
     * @param folder an empty folder of its own
     */
    ImmutableList<Sample> measure(Path folder) throws Exception;
}
