package dev.emrys.spec;

/** What a cluster is waited to be. Stored under these names. */
public enum AwaitedState {
    /** EMR's WAITING: it is up and has no step to run. */
    IDLE("has no step to run"),
    /** EMR's TERMINATED, without errors. */
    ENDED("has ended");

    private final String words;

    AwaitedState(String words) {
        this.words = words;
    }

    /** The end of a sentence about the cluster. */
    public String words() {
        return words;
    }
}
