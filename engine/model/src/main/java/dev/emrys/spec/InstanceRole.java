package dev.emrys.spec;

/** The three roles of an instance group. EMR's API calls the primary one MASTER. */
public enum InstanceRole {
    PRIMARY,
    CORE,
    TASK
}
