package dev.emrys.emulator;

import com.google.common.collect.ImmutableList;

/**
 * Keeps the emulator's state beyond its process. Called under the emulator's lock, never concurrently.
 *
 * <p>What a step or cluster was given may contain secrets: jar, main class, arguments, Java properties, the values of
 * configurations, the arguments of bootstrap actions. It is stored for one reason: an emulator that is started again
 * starts the steps that wait and continues those that run. So the document of a step that has ended, or of a cluster
 * that has, has {@code ****} in place of each of these texts. DescribeStep and DescribeCluster show them, as EMR does,
 * until the emulator's process ends, and the asterisks afterwards. What identifies a step stays: its id, name, state,
 * times and failure. Passwords of Kerberos attributes are never stored.
 */
public interface EmulatorStore {

    /** All documents, in any order. */
    ImmutableList<StoredDocument> load();

    /**
     * Adds or replaces documents: all or none, durable when it returns. If it throws, nothing was stored, the emulator
     * rolls the change back, and the caller of the operation gets an internal error.
     */
    void save(ImmutableList<StoredDocument> documents);

    /**
     * Removes what replaced documents contained from files and other media, where {@link #save} does not: called when a
     * cluster has ended, and when an emulator is started. If it throws, the emulator continues; the next call does it.
     */
    default void purge() {}

    /** Deletes documents that no operation shows any more. A deletion that fails is repeated later. */
    void delete(String kind, ImmutableList<String> ids);
}
