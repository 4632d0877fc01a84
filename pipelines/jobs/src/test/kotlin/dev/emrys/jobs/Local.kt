package dev.emrys.jobs

import java.io.ByteArrayOutputStream
import java.io.PrintStream
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.createDirectories
import kotlin.io.path.isDirectory
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.readBytes
import kotlin.io.path.writeBytes
import org.apache.hadoop.conf.Configuration
import org.apache.spark.sql.SparkSession

/**
 * A folder of buckets, Hadoop's local runner and Spark on two cores: the environment of a local
 * step, in this process.
 */
internal object Local {
    val root: Path = Files.createTempDirectory("s3root")

    val spark: SparkSession by lazy {
        SparkSession.builder()
            .master("local[2]")
            .config("spark.ui.enabled", false)
            .config("spark.driver.host", "localhost")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.sql.shuffle.partitions", 4)
            // So that small results have several partitions too.
            .config("spark.sql.adaptive.coalescePartitions.enabled", false)
            // Not UTC, so that a test fails when a job relies on the zone.
            .config("spark.sql.session.timeZone", "Asia/Tokyo")
            .config("spark.sql.warehouse.dir", Files.createTempDirectory("warehouse").toString())
            .config("spark.hadoop.emrys.s3.root", root.toString())
            .getOrCreate()
    }

    fun conf() =
        Configuration().apply {
            set("emrys.s3.root", root.toString())
            set("hadoop.tmp.dir", Files.createTempDirectory("hadoop").toString())
        }

    fun file(key: String): Path = root.resolve(key)

    fun put(key: String, bytes: ByteArray) {
        file(key).apply { parent.createDirectories() }.writeBytes(bytes)
    }

    fun put(key: String, text: String) = put(key, text.toByteArray())

    /** The visible parts of a folder, one after the other in the order of their names. */
    fun whole(key: String): ByteArray =
        file(key)
            .listDirectoryEntries()
            .filter { !it.name.startsWith("_") && !it.name.startsWith(".") && !it.isDirectory() }
            .sortedBy { it.name }
            .fold(ByteArray(0)) { all, part -> all + part.readBytes() }
}

/** The status and the output of a job. */
internal data class JobResult(val status: Int, val out: String, val err: String)

internal fun runJob(program: (PrintStream, PrintStream) -> Int): JobResult {
    val out = ByteArrayOutputStream()
    val err = ByteArrayOutputStream()
    val status =
        program(PrintStream(out, true, Charsets.UTF_8), PrintStream(err, true, Charsets.UTF_8))
    return JobResult(status, out.toString(Charsets.UTF_8), err.toString(Charsets.UTF_8))
}

internal fun mapReduce(vararg args: String, splitBytes: Long = Long.MAX_VALUE): JobResult =
    runJob { _, err ->
        val conf =
            Local.conf().apply {
                setLong("mapreduce.input.fileinputformat.split.maxsize", splitBytes)
            }
        WordCountMapReduce.run(conf, err, *args)
    }

internal fun spark(vararg args: String, splitBytes: Long = Long.MAX_VALUE): JobResult =
    runJob { _, err ->
        val conf = Local.spark.sparkContext().hadoopConfiguration()
        conf.setLong("mapreduce.input.fileinputformat.split.maxsize", splitBytes)
        WordCountSpark.run(Local.spark, err, *args)
    }
