package dev.emrys.bench;

import java.util.Locale;

/** The rows of the table, in their order. */
enum Row {
    WIDE("durable no-op tasks/s, wide graph of 100,000", "≥ 30,000", 0),
    WIDE_DB_SCHEDULER("· db-scheduler on PostgreSQL, 20,000 due tasks", "", 0),
    WIDE_DBOS("· DBOS on PostgreSQL, steps/s, 2,048 workflows × 3, 64 threads", "", 0),
    WIDE_NEXTFLOW("· Nextflow, tasks/s, 1,000 in process, tuned, not durable", "", 0),
    CPU("engine CPU per task, µs", "≤ 40", 1),
    CPU_DB_SCHEDULER("· db-scheduler, without PostgreSQL, µs", "", 0),
    CPU_DBOS("· DBOS, per step, without PostgreSQL, µs", "", 0),
    CPU_NEXTFLOW("· Nextflow, µs", "", 0),
    CHAIN("sequential durable chain, per task, median ms", "≤ 0.45", 3),
    CHAIN_DBOS("· DBOS, per step, median ms", "", 3),
    COMPILE("100,000 steps: spec compiled to a graph, cold, s", "≤ 0.5", 2),
    RESUME("resume of 1M events, cold process, s", "≤ 2", 2),
    RESUME_HEAP("· peak heap, MiB", "≤ 512", 0),
    RESUME_SMALL_HEAP("· with -Xmx512m, s", "possible", 2),
    RESUME_SNAPSHOT("· from a snapshot, s", "≤ 0.3", 2),
    PLAN("plan --output json, 100,000 steps, cached script, s", "≤ 3", 2),
    PLAN_MEMORY("· peak resident memory, MiB", "≤ 512", 0),
    LOCAL_HOP("chain of 20 local shell steps, per hop, median ms", "≤ 15", 1),
    LOCAL_HOP_NEXTFLOW("· Nextflow, 20 shell steps, tuned, mean ms", "", 1),
    SCHEDULES_LATE("10,000 schedules due at once, recorded durably, late, p99, ms", "≤ 100", 0),
    SCHEDULES_LATE_PAST("· with 10 million past fires, ms", "≤ 100", 0),
    SCHEDULES_LATE_QUARTZ("· Quartz, in memory, 10 threads, ms", "", 0),
    SCHEDULES_LATE_DB_SCHEDULER("· db-scheduler on PostgreSQL, 20 threads, ms", "", 0),
    SCHEDULES_LOAD("10,000 schedules loaded, cold, ms", "≤ 200", 0),
    SCHEDULES_IDLE("CPU of 10,000 schedules that are not due, % of a core", "< 0.5", 2),
    START_JAVA("java -version, s", "", 3),
    START_VERSION("emrys --version, s", "≤ 0.2", 3),
    START_PLAN("emrys plan, cached script, s", "≤ 0.3", 3),
    START_CHANGED("emrys plan, changed script, s", "≤ 1.7", 3),
    START_RUN("emrys run, warm, no-op, s", "≤ 1.0", 3),
    START_NEXTFLOW_VERSION("· nextflow -version, s", "", 3),
    START_NEXTFLOW("· nextflow run, no process, s", "", 3),
    WIRE("DescribeCluster of the emulator over a kept connection, median ms", "≤ 0.2", 3),
    SPARK_SMALL("Spark step, word count of 7 MiB, s", "≤ half of plain", 2),
    SPARK_SMALL_PLAIN("· spark-submit, s", "", 2),
    SPARK_ROW("20 Spark steps in a row, SparkPi, s", "≤ half of plain", 1),
    SPARK_ROW_PLAIN("· spark-submit, 20 times, s", "", 1),
    SPARK_100M("Spark step, word count of 100 MiB, s", "≤ plain", 2),
    SPARK_100M_PLAIN("· spark-submit, s", "", 2),
    SPARK_1G("Spark step, word count of 1 GiB, s", "≤ plain", 1),
    SPARK_1G_PLAIN("· spark-submit, s", "", 1);

    final String what;
    final String target;
    private final int decimals;

    Row(String what, String target, int decimals) {
        this.what = what;
        this.target = target;
        this.decimals = decimals;
    }

    String text(double value) {
        return String.format(Locale.ROOT, "%,." + decimals + "f", value);
    }
}
