package dev.emrys.local

import dev.emrys.emulator.StepExit
import dev.emrys.emulator.StepLaunch
import dev.emrys.testing.temporaryFolder
import io.kotest.assertions.nondeterministic.eventually
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import io.kotest.matchers.types.shouldBeInstanceOf
import java.io.ByteArrayOutputStream
import java.io.DataOutputStream
import java.io.File
import java.net.InetAddress
import java.net.ServerSocket
import java.net.Socket
import java.net.SocketException
import java.nio.file.Path
import java.time.InstantSource
import java.util.jar.JarEntry
import java.util.jar.JarOutputStream
import javax.tools.ToolProvider
import kotlin.io.path.createParentDirectories
import kotlin.io.path.exists
import kotlin.io.path.outputStream
import kotlin.io.path.readBytes
import kotlin.io.path.writeText
import kotlin.time.Duration.Companion.seconds

/** Makes a table of its own, waits until the other steps have made theirs, and prints them. */
private val JOB =
    """
    import org.apache.spark.sql.SparkSession;

    public class TablesOfOthers {
        public static void main(String[] args) throws Exception {
            SparkSession spark = SparkSession.builder().enableHiveSupport().getOrCreate();
            spark.sql("create table of_job as select 1 as n");
            long end = System.nanoTime() + 240_000_000_000L;
            for (String table : args) {
                while (!spark.catalog().tableExists(table)) {
                    if (System.nanoTime() > end) throw new IllegalStateException("no " + table);
                    Thread.sleep(100);
                }
            }
            System.out.println("all tables");
        }
    }
    """
        .trimIndent()

/** Steps that use Hive's tables, on the real Spark, and the service that they share. */
class ClusterMetastoreTest :
    FunSpec({
        fun newRunner(account: Account) =
            LocalStepRunner(account, DISTRIBUTIONS, InstantSource.system())

        fun LocalStepRunner.started(launch: StepLaunch) =
            RecordingListener().also { start(launch, it) }

        val account = account()
        val service = account.cluster("j-1").resolve("metastore")
        fun process() = ProcessHandle.of(service.resolve("ready").text().toLong())

        test("steps with Hive's tables run side by side and see the tables of each other") {
            val jar = jar("TablesOfOthers", JOB)
            newRunner(account).use { runner ->
                val job =
                    runner.started(
                        launch(
                            "s-1",
                            "spark-submit",
                            "--class",
                            "TablesOfOthers",
                            "file:$jar",
                            "of_hive",
                        )
                    )
                val hive =
                    runner.started(
                        launch("s-2", "hive", "-e", "create table of_hive as select 3 as n")
                    )
                for (listener in listOf(hive, job)) {
                    listener.exit(seconds = 300).shouldBeInstanceOf<StepExit.Completed>()
                }
            }
            account.step("j-1", "s-1").resolve("stdout").text() shouldContain "all tables"
            account.cluster("j-1").resolve("warehouse/of_hive").exists() shouldBe true
            process().get().isAlive shouldBe true
            service.openToOthers() shouldBe emptyList()
        }

        test("the service does not answer a client without the secret") {
            Socket(InetAddress.getLoopbackAddress(), service.resolve("port").text().toInt()).use {
                it.soTimeout = 60_000
                val call = ByteArrayOutputStream()
                val out = DataOutputStream(call)
                // Thrift's binary protocol: a call of get_all_databases, without arguments.
                val name = "get_all_databases".toByteArray()
                out.writeInt(0x80010001.toInt())
                out.writeInt(name.size)
                out.write(name)
                out.writeInt(0)
                out.writeByte(0)
                val answer =
                    try {
                        // At once: the service closes the connection when it has read the first
                        // bytes.
                        it.getOutputStream().write(call.toByteArray())
                        String(it.getInputStream().readAllBytes())
                    } catch (_: SocketException) {
                        "closed"
                    }
                answer shouldNotContain "default"
            }
        }

        test(
            "after a kill of the service and a restart of the owner process the tables are there"
        ) {
            val killed = process().get()
            killed.destroyForcibly()
            killed.onExit().get()
            newRunner(account).use { runner ->
                val step =
                    runner.started(
                        launch(
                            "s-3",
                            "spark-sql",
                            "-e",
                            "select max(n) + 40 from (select * from of_job union all select * from of_hive)",
                        )
                    )
                step.exit(seconds = 300).shouldBeInstanceOf<StepExit.Completed>()
                account.step("j-1", "s-3").resolve("stdout").text().lines() shouldContain "43"
                val restarted = process().get()
                restarted.pid() shouldNotBe killed.pid()

                runner.clusterEnded("j-1")
                eventually(60.seconds) { restarted.isAlive shouldBe false }
            }
        }

        test("a service that cannot start fails the step with the reason") {
            val other = account()
            other.cluster("j-1").resolve("metastore_db").createParentDirectories().writeText("x")
            newRunner(other).use { runner ->
                val step = runner.started(launch("s-1", "spark-sql", "-e", "show tables"))
                step.exit(seconds = 300).shouldBeInstanceOf<StepExit.Failed>()
            }
            val errors = other.step("j-1", "s-1").resolve("stderr").text()
            errors shouldContain "The Hive metastore service of the cluster could not be started."
            errors shouldContain "metastore_db"
        }

        test("a cluster keeps its port, and gets another one when a program has taken it") {
            val metastore = ClusterMetastore(temporaryFolder("cluster"))
            metastore.prepare()
            val uri = metastore.settings().getValue("hive.metastore.uris")
            metastore.prepare()
            metastore.settings().getValue("hive.metastore.uris") shouldBe uri
            val port = uri.substringAfterLast(':').toInt()
            ServerSocket(port, 1, InetAddress.getLoopbackAddress()).use {
                metastore.hasPort() shouldBe false
                metastore.prepare()
                metastore.settings().getValue("hive.metastore.uris") shouldNotBe uri
                metastore.hasPort() shouldBe true
            }
        }
    })

private fun jar(mainClass: String, source: String): Path {
    val folder = temporaryFolder("job")
    val file = folder.resolve("$mainClass.java").also { it.writeText(source) }
    val spark = DISTRIBUTIONS.jars(Distribution.SPARK, Distributions.Progress.NONE)
    val classPath = spark.joinToString(File.pathSeparator)
    ToolProvider.getSystemJavaCompiler()
        .run(null, null, null, "-proc:none", "-cp", classPath, "$file") shouldBe 0
    val jar = folder.resolve("job.jar")
    JarOutputStream(jar.outputStream()).use {
        it.putNextEntry(JarEntry("$mainClass.class"))
        it.write(folder.resolve("$mainClass.class").readBytes())
    }
    return jar
}
