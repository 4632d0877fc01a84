package dev.emrys.spec;

/** With which word the author wrote a step. People read it in a plan; EMR sees only the {@link HadoopJarStep}. */
public enum StepKind {
    SPARK,
    SPARK_SQL,
    MAP_REDUCE,
    SHELL,
    RAW
}
