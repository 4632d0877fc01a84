package dev.emrys.s3fs

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.extensions.system.withSystemProperty
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.io.IOException
import java.net.URI
import kotlin.io.path.exists
import kotlin.io.path.readText
import org.apache.hadoop.conf.Configuration
import org.apache.hadoop.fs.FileContext
import org.apache.hadoop.fs.FileSystem
import org.apache.hadoop.fs.Path

class LocalHdfsFileSystemTest :
    FunSpec({
        val root = tempdir().toPath().resolve("clusters/j-1/hdfs")

        /** As the configuration of a cluster has it. */
        fun conf() =
            Configuration().apply {
                set("fs.defaultFS", "hdfs://cluster")
                set("fs.hdfs.impl", LocalHdfsFileSystem::class.java.name)
                set(
                    "fs.AbstractFileSystem.hdfs.impl",
                    LocalHdfsAbstractFileSystem::class.java.name,
                )
                set(LocalHdfsFileSystem.SETTING, "$root")
            }

        fun fs(address: String = "hdfs://cluster") =
            FileSystem.newInstance(URI.create(address), conf())

        test("a path without a scheme is in the cluster's folder") {
            FileSystem.newInstance(conf()).use { fs ->
                fs.create(Path("/tmp/emrys-hdfs/räw x")).use { it.write(65) }
                fs.getFileStatus(Path("/tmp/emrys-hdfs")).path shouldBe
                    Path("hdfs://cluster/tmp/emrys-hdfs")
            }
            root.resolve("tmp/emrys-hdfs/räw x").readText() shouldBe "A"
            java.nio.file.Path.of("/tmp/emrys-hdfs").exists() shouldBe false
        }

        test("the staging folder of the local job runner has the same path here") {
            val staging = tempdir().toPath().toRealPath().resolve("staging")
            withSystemProperty(LocalHdfsFileSystem.STAGING, "$staging") {
                fs().use { fs ->
                    fs.create(Path("$staging/job/m.py")).use { it.write(65) }
                    staging.resolve("job/m.py").readText() shouldBe "A"
                    fs.listStatus(Path("$staging/job")).single().path shouldBe
                        Path("hdfs://cluster$staging/job/m.py")
                    // Hadoop reads the permissions of the folders above.
                    fs.getFileStatus(Path("${staging.parent}")).isDirectory shouldBe true
                    fs.listStatus(Path("${staging.parent}")).size shouldBe 0
                    fs.delete(Path("${staging.parent}"), true) shouldBe false
                    fs.create(Path("$staging-other/x")).use { it.write(65) }
                    java.nio.file.Path.of("$staging-other").exists() shouldBe false
                }
            }
        }

        test("the working directory of another file system is ignored") {
            fs().use { fs ->
                val home = fs.workingDirectory
                fs.workingDirectory = Path("s3://bucket/x")
                fs.workingDirectory shouldBe home
                fs.workingDirectory = Path("/y")
                fs.workingDirectory shouldBe Path("hdfs://cluster/y")
            }
        }

        test("every name node address maps to the same folder") {
            fs().use { it.create(Path("/data/a")).use { out -> out.write(66) } }
            for (address in
                listOf("hdfs:///data/a", "hdfs://ip-10-0-0-1.ec2.internal:8020/data/a")) {
                Path(address).getFileSystem(conf()).open(Path(address)).use { it.read() } shouldBe
                    66
            }
            FileContext.getFileContext(URI("hdfs://cluster"), conf())
                .open(Path("hdfs://cluster/data/a"))
                .use { it.read() } shouldBe 66
        }

        test("it has a /tmp and a home, and relative paths start at the home") {
            fs().use { fs ->
                fs.create(Path("mine")).use { it.write(67) }
                fs.exists(Path("/user/${System.getProperty("user.name")}/mine")) shouldBe true
                fs.listStatus(Path("/"))
                    .map { it.path.name }
                    .filter {
                        it in setOf("tmp", "user")
                    } shouldContainExactlyInAnyOrder listOf("tmp", "user")
            }
        }

        test("a deletion below the root changes only the cluster's folder") {
            fs().use { fs ->
                fs.create(Path("/gone/a")).close()
                fs.delete(Path("/gone"), true) shouldBe true
            }
            root.resolve("gone").exists() shouldBe false
            root.parent.exists() shouldBe true
        }

        test("without a folder the error says what to set") {
            shouldThrow<IOException> {
                    FileSystem.newInstance(
                        URI.create("hdfs://cluster"),
                        conf().apply { unset(LocalHdfsFileSystem.SETTING) },
                    )
                }
                .message!! shouldContain "emrys.hdfs.root"
        }
    })
