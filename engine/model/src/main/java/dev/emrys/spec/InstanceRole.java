package dev.emrys.spec;

import java.util.Locale;

/** The three roles of an instance group. EMR's API calls the primary one MASTER. */
public enum InstanceRole {
    PRIMARY,
    CORE,
    TASK;

    /** In a message, such as {@code primary}. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
