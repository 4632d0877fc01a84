package dev.emrys.emr;

import software.amazon.awssdk.services.emr.model.Tag;

/**
 * What every cluster of a run is labelled with.
 *
 * @param run the run's id
 * @param runName its memorable name
 * @param pipeline the pipeline's name
 */
public record RunTags(String run, String runName, String pipeline) {
    static final String PIPELINE = "emrys:pipeline";
    static final String RUN = "emrys:run";
    static final String RUN_NAME = "emrys:run-name";
    static final String KEY = "emrys:key";

    /** When the life lease of the cluster ends: an instant in ISO-8601, in UTC, by the endpoint's clock. */
    static final String EXPIRES_AT = "emrys:expires-at";

    /** On clusters that stay when their run has ended: {@code true}. */
    static final String KEPT = "emrys:kept";

    static Tag tag(String key, String value) {
        return Tag.builder().key(key).value(value).build();
    }

    /** The name of a cluster or step on EMR: the author's, and the key by which a lost reply's work is found again. */
    static String name(String name, String key) {
        return name + " #" + key;
    }

    /** The key that a name carries; empty if it carries none. */
    static String key(String name) {
        int mark = name.lastIndexOf(" #");
        return mark < 0 ? "" : name.substring(mark + 2);
    }

    static boolean carries(String name, String key) {
        return name.endsWith(" #" + key);
    }
}
