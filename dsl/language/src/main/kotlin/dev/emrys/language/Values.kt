package dev.emrys.language

/**
 * A file that a step or a bootstrap action reads: [ScriptScope.s3] or [ScriptScope.file]. Where one
 * is taken, a text is taken too: `"s3://bucket/key"`, or a path that is resolved against the folder
 * of the script.
 */
public sealed interface Source {
    /** Such as `s3://bucket/key` or `file:///home/me/etl.jar`. */
    public val uri: String
}

/** A location on Amazon S3; made by [ScriptScope.s3]. */
@JvmInline
public value class S3Uri internal constructor(override val uri: String) : Source {
    override fun toString(): String = uri

    internal companion object {
        val FORM = Regex("s3[an]?://[A-Za-z0-9._-]{3,255}(/.*)?")
    }
}

/** A file on this machine; made by [ScriptScope.file]. For a cluster on AWS it is copied to S3. */
internal class LocalFile(override val uri: String) : Source {
    override fun toString(): String = uri
}

/** A location that the author wrote as a text. */
internal class TextLocation(override val uri: String) : Source {
    override fun toString(): String = uri
}

/**
 * The name of a secret; made by [ScriptScope.secret]. In a text it is written as `${secret:name}`
 * until the request is sent.
 */
@JvmInline
public value class Secret internal constructor(public val name: String) {
    override fun toString(): String = "\${secret:$name}"

    internal companion object {
        val FORM = Regex("[A-Za-z0-9/_][A-Za-z0-9/_+=.@-]{0,511}")
    }
}

/**
 * An EMR release label. Amazon adds labels; `Release("emr-7.8.0")` takes any.
 *
 * EMR: "About Amazon EMR Releases".
 */
@JvmInline
public value class Release(public val label: String) {
    override fun toString(): String = label

    public companion object {
        /** Spark 3.5.4, Hadoop 3.4.1, Hive 3.1.3. */
        public val Emr_7_8_0: Release = Release("emr-7.8.0")
    }
}

/**
 * An application that EMR installs on a cluster. Amazon adds applications; `Application("Flink")`
 * takes any.
 *
 * EMR: RunJobFlow, `Applications`.
 */
public data class Application(public val name: String) {
    override fun toString(): String = name
}

/** Apache Spark. Needed for `sparkSubmit`, `sparkSql` and `sparkExample`. */
public val Spark: Application = Application("Spark")

/** Apache Hive. */
public val Hive: Application = Application("Hive")

/** Apache Hadoop: HDFS, YARN and MapReduce. EMR installs it with nearly everything else. */
public val Hadoop: Application = Application("Hadoop")

/** Apache Flink. */
public val Flink: Application = Application("Flink")

/** Apache HBase. */
public val HBase: Application = Application("HBase")

/** JupyterEnterpriseGateway, for EMR Studio. */
public val JupyterEnterpriseGateway: Application = Application("JupyterEnterpriseGateway")

/** Apache Livy. */
public val Livy: Application = Application("Livy")

/** Presto. Not on one cluster with [Trino]. */
public val Presto: Application = Application("Presto")

/** Apache Tez. */
public val Tez: Application = Application("Tez")

/** Trino. Not on one cluster with [Presto]. */
public val Trino: Application = Application("Trino")

/** Apache ZooKeeper. */
public val ZooKeeper: Application = Application("ZooKeeper")

/**
 * An EC2 instance type. Amazon adds types; `InstanceType("m6g.xlarge")` takes any. One that Emrys
 * does not know gets a warning and is used unchanged.
 *
 * EMR: "Supported instance types".
 */
@JvmInline
public value class InstanceType(public val name: String) {
    override fun toString(): String = name

    public companion object {
        /** 4 vCPU, 16 GiB, Graviton. */
        public val M6gXlarge: InstanceType = InstanceType("m6g.xlarge")

        /** 8 vCPU, 32 GiB, Graviton. */
        public val M6g2xlarge: InstanceType = InstanceType("m6g.2xlarge")

        /** 16 vCPU, 64 GiB, Graviton. */
        public val M6g4xlarge: InstanceType = InstanceType("m6g.4xlarge")

        /** 4 vCPU, 16 GiB, Intel. */
        public val M5Xlarge: InstanceType = InstanceType("m5.xlarge")

        /** 8 vCPU, 32 GiB, Intel. */
        public val M52xlarge: InstanceType = InstanceType("m5.2xlarge")

        /** 4 vCPU, 32 GiB, Graviton: memory for Spark. */
        public val R6gXlarge: InstanceType = InstanceType("r6g.xlarge")

        /** 8 vCPU, 64 GiB, Graviton: memory for Spark. */
        public val R6g2xlarge: InstanceType = InstanceType("r6g.2xlarge")
    }
}
