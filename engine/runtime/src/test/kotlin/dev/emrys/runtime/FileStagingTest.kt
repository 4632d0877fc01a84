package dev.emrys.runtime

import com.google.common.collect.ImmutableList
import com.google.common.collect.ImmutableMap
import com.google.common.hash.Hashing
import dev.emrys.aws.AwsSettings
import dev.emrys.spec.BootstrapAction
import dev.emrys.spec.Budget
import dev.emrys.spec.Diagnostic
import dev.emrys.spec.NotebookExecution
import dev.emrys.spec.OperationSpec
import dev.emrys.spec.PipelineSpec
import dev.emrys.spec.RawRequest
import dev.emrys.spec.SourceLocation
import dev.emrys.spec.SpecJson
import dev.emrys.spec.TargetCode
import dev.emrys.testing.cluster
import dev.emrys.testing.operation
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.string.shouldContain
import java.math.BigDecimal
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.attribute.PosixFilePermissions
import kotlin.io.path.createDirectories
import kotlin.io.path.writeText

class FileStagingTest :
    FunSpec({
        val folder: Path = tempdir().toPath().toRealPath()
        val jar = folder.resolve("etl.jar").also { it.writeText("jar") }
        val zip = folder.resolve("my env.zip").also { it.writeText("zip") }
        val secrets = SecretSource(emptyMap(), folder.resolve("state"))

        fun sha256(text: String) = Hashing.sha256().hashBytes(text.toByteArray()).toString()

        fun uri(path: Path): String = path.toUri().toASCIIString()

        fun spec(vararg args: String, bootstrap: String = "s3://b/setup.sh"): PipelineSpec =
            pipeline(
                listOf(
                    cluster(
                        "a",
                        bootstrap = listOf(BootstrapAction("setup", bootstrap, ImmutableList.of())),
                        logUri = "s3://logs/",
                    )
                ),
                listOf(command("s", "a", *args)),
            )

        fun preflight(
            spec: PipelineSpec,
            aws: AwsSettings,
            environment: Map<String, String> = emptyMap(),
        ): List<Diagnostic> = AwsPreflight(secrets, aws, environment).diagnostics(spec) { true }

        fun settings(staging: String?, endpoint: String? = null, s3: String? = null) =
            AwsSettings(null, null, null, endpoint, s3, staging)

        test(
            "files of this machine are found in lists, with a fragment, and in bootstrap actions"
        ) {
            val found =
                spec(
                    "spark-submit",
                    "--archives",
                    "${uri(zip)}#env,s3://b/x.zip",
                    "--jars=${uri(jar)}",
                    "file:///home/me/absent.py",
                    bootstrap = uri(jar),
                )
            LocalFiles.`in`(found).toList() shouldContainExactly
                listOf(uri(jar), uri(zip), "file:///home/me/absent.py")
            LocalFiles.problem(uri(zip)).isPresent shouldBe false
        }

        test(
            "what belongs to a cluster's installation is left, what exists here is this machine's"
        ) {
            LocalFiles.`in`("file:///usr/lib/spark/jars/x.jar file:///etc/hadoop/conf")
                .shouldBeEmpty()
            LocalFiles.`in`("file:///mnt/not/here.jar,file:///opt/not/here.jar").shouldBeEmpty()
            // A temporary folder is below one that a cluster has too.
            LocalFiles.`in`("x ${uri(jar)} y").toList() shouldContainExactly listOf(uri(jar))
            LocalFiles.`in`("file:///home/me/etl.jar").toList() shouldContainExactly
                listOf("file:///home/me/etl.jar")
        }

        test("a file that other users may change is not copied from a folder of both machines") {
            val open = jar.resolveSibling("open.jar")
            open.writeText("open")
            Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rw-rw-rw-"))
            val path = open.toString()
            val ofBoth = Regex("/+(tmp|var|opt|usr/local|mnt\\d*|home/hadoop)/.*")
            LocalFiles.problem(uri(open)).isPresent shouldBe ofBoth.matches(path)
            LocalFiles.problem(uri(jar)).isPresent shouldBe false
        }

        test("a spec with objects instead of files keeps everything else") {
            val spec =
                spec("a", uri(jar)).withBudget(Budget(BigDecimal.TEN, SourceLocation.UNKNOWN))
            val placed = FileStaging.placed(spec, FileStaging("s3://b/place").files(spec))
            placed shouldNotBe spec
            SpecJson.write(placed).replace(Regex("s3://b/place/[^\"]*"), uri(jar)) shouldBe
                SpecJson.write(spec)
        }

        test("a notebook of this machine is copied, and its secrets are looked for") {
            val what =
                NotebookExecution(
                    null,
                    null,
                    uri(jar),
                    "role",
                    RawRequest.NONE,
                    ImmutableMap.of("PASSWORD", "\${secret:db}"),
                    null,
                    null,
                    null,
                    null,
                )
            val spec =
                spec("a", "b").run {
                    PipelineSpec(
                        name(),
                        description(),
                        params(),
                        clusters(),
                        ImmutableList.of(operation("report", what = what, cluster = "a")),
                        location(),
                        null,
                        existingClusters(),
                    )
                }
            val placed = FileStaging.placed(spec, FileStaging("s3://b/place").files(spec))
            val operation = (placed.tasks().single() as OperationSpec).operation()
            (operation as NotebookExecution).notebook() shouldBe
                "s3://b/place/${sha256("jar")}/etl.jar"
            preflight(spec, settings("s3://b/place")).single().let {
                it.code() shouldBe TargetCode.SECRET_UNKNOWN
                it.what() shouldContain "The operation \"report\""
            }
            preflight(spec, settings(null)).map { it.code() } shouldContainExactly
                listOf(TargetCode.SECRET_UNKNOWN, TargetCode.FILE_NOT_ON_CLUSTER)
        }

        test("the same content has the same object, other content another one") {
            val staging = FileStaging("s3://b/place")
            val spec = spec("a", "--archives", "${uri(zip)}#env,${uri(jar)}", bootstrap = uri(jar))
            val files = staging.files(spec)
            val object1 = files.getValue(uri(zip)).uri()
            object1 shouldBe "s3://b/place/${sha256("zip")}/my-env.zip"
            val placed = FileStaging.placed(spec, files)
            placed.steps().single().jarStep().args().last() shouldBe
                "$object1#env,${files.getValue(uri(jar)).uri()}"
            placed.clusters().single().bootstrapActions().single().path() shouldBe
                files.getValue(uri(jar)).uri()
            LocalFiles.`in`(placed).shouldBeEmpty()
            FileStaging.placed(spec, staging.files(spec)) shouldBe placed
            jar.writeText("another jar")
            FileStaging.placed(spec, staging.files(spec)) shouldNotBe placed
            jar.writeText("jar")
        }

        test(
            "a file without a place for it is an error, and a place takes only files that can be copied"
        ) {
            preflight(spec("a", uri(jar)), settings(null)).single().let {
                it.code() shouldBe TargetCode.FILE_NOT_ON_CLUSTER
                it.fix() shouldContain "--staging"
            }
            preflight(spec("a", uri(jar)), settings("s3://b/place/")).shouldBeEmpty()
            fun problem(uri: String): String =
                preflight(spec("a", uri), settings("s3://b/place/"))
                    .single()
                    .also { it.code() shouldBe TargetCode.FILE_NOT_COPIED }
                    .what()
            problem("file:///home/me/absent.py") shouldContain "it does not exist"
            problem(uri(folder.resolve("in").createDirectories()).trimEnd('/')) shouldContain
                "it is a folder"
            problem("file:///home/me/x-$%7Brun:name%7D.py") shouldContain "placeholder"
            preflight(spec("a", "b", bootstrap = uri(jar)), settings(null))
                .single()
                .what() shouldContain "The cluster \"a\" uses"
        }

        test("nothing that is meant for an emulator is copied to AWS") {
            val found = preflight(spec("a", uri(jar)), settings("s3://b/", "http://127.0.0.1:1"))
            found.single().code() shouldBe TargetCode.STORAGE_NOT_KNOWN
            val withS3 = settings("s3://b/", "http://127.0.0.1:1", "http://127.0.0.1:2")
            preflight(spec("a", uri(jar)), withS3).shouldBeEmpty()
            val environment = mapOf("AWS_ENDPOINT_URL_S3" to "http://127.0.0.1:2")
            val named = settings("s3://b/", "http://127.0.0.1:1")
            preflight(spec("a", uri(jar)), named, environment).shouldBeEmpty()
            preflight(spec("a", "s3://b/x"), named).shouldBeEmpty()
        }

        test("a plan says what would be copied, and to where") {
            AwsPreflight.preparations(spec("a", uri(jar)), settings("s3://b/place")).single().let {
                it shouldContain "Copies $jar (3 bytes) to s3://b/place/"
                it shouldContain "/etl.jar unless it is there."
            }
            AwsPreflight.preparations(spec("a", "b"), settings("s3://b/place")).shouldBeEmpty()
            AwsPreflight.preparations(spec("a", uri(jar)), settings(null)).shouldBeEmpty()
        }
    })
