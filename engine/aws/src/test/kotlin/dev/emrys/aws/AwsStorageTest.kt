package dev.emrys.aws

import com.google.common.collect.ImmutableList
import com.google.common.hash.Hashing
import com.sun.net.httpserver.HttpServer
import dev.emrys.spec.AwsCode
import dev.emrys.storage.StorageCredential
import dev.emrys.storage.StorageServer
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.net.InetSocketAddress
import java.nio.file.Files
import java.time.InstantSource
import java.util.Random
import java.util.concurrent.CopyOnWriteArrayList
import kotlin.io.path.createDirectories
import kotlin.io.path.exists
import kotlin.io.path.readBytes
import kotlin.io.path.readText
import kotlin.io.path.writeBytes
import kotlin.io.path.writeText

private const val KEY = "copy-key"

private const val REDIRECT =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>PermanentRedirect</Code><Message>m</Message></Error>"

private const val LISTING =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?><ListBucketResult><Name>far</Name><Contents>" +
        "<Key>logs/stderr.gz</Key><LastModified>2026-04-25T03:00:00.000Z</LastModified><ETag>x</ETag>" +
        "<Size>1</Size></Contents></ListBucketResult>"

class AwsStorageTest :
    FunSpec({
        val folder = tempdir().toPath()
        val bucket = folder.resolve("s3/jobs").createDirectories()
        val storage =
            StorageServer(
                folder.resolve("s3"),
                "eu-central-1",
                ImmutableList.of(StorageCredential(KEY, "any", false)),
                InstantSource.system(),
                0,
            )
        val credentials = folder.resolve("credentials")
        val properties =
            mapOf(
                "aws.sharedCredentialsFile" to "$credentials",
                "aws.configFile" to "${folder.resolve("config")}",
                "aws.disableEc2Metadata" to "true",
            )
        lateinit var access: AwsAccess
        lateinit var s3: AwsStorage

        beforeSpec {
            properties.forEach(System::setProperty)
            credentials.writeText("[prod]\naws_access_key_id = $KEY\naws_secret_access_key = any\n")
            access =
                AwsAccess(
                    AwsSettings("prod", "eu-central-1", null, null, "${storage.uri()}", null),
                    "emrys-run-1",
                )
            s3 = AwsStorage(access)
        }

        afterSpec {
            properties.keys.forEach(System::clearProperty)
            s3.close()
            access.close()
            storage.close()
        }

        fun hash(content: ByteArray) = Hashing.sha256().hashBytes(content).toString()

        /** Copies a file as [key]; returns whether it was sent, and what was told of it. */
        fun copy(
            content: ByteArray,
            key: String,
            uri: String = "s3://jobs/$key",
            sha256: String = hash(content),
        ): Pair<Boolean, List<Long>> {
            val file = Files.createTempFile(folder, "job", ".sh")
            file.writeBytes(content)
            val told = ArrayList<Long>()
            return s3.copyOnce(file, uri, sha256, content.size.toLong()) { told.add(it) } to told
        }

        fun refusal(action: () -> Unit) = shouldThrow<AwsException> { action() }.diagnostic()

        test("a file is sent once, and what is there is never overwritten") {
            copy("echo one".toByteArray(), "a/job.sh") shouldBe (true to listOf(8L))
            bucket.resolve("a/job.sh").readText() shouldBe "echo one"
            copy("echo one".toByteArray(), "a/job.sh") shouldBe (false to emptyList())
            bucket.resolve("a/job.sh").writeText("echo two")
            copy("echo one".toByteArray(), "a/job.sh").first shouldBe false
            bucket.resolve("a/job.sh").readText() shouldBe "echo two"
            copy(ByteArray(0), "a/empty").first shouldBe true
            bucket.resolve("a/empty").readText() shouldBe ""
        }

        test("an object of another size is told, and left as it is") {
            bucket.resolve("b").createDirectories().resolve("job.sh").writeText("something else")
            refusal { copy("echo".toByteArray(), "b/job.sh") }
                .let {
                    it.code() shouldBe AwsCode.OBJECT_DIFFERS
                    it.what() shouldContain "s3://jobs/b/job.sh has 14 bytes"
                }
            bucket.resolve("b/job.sh").readText() shouldBe "something else"
        }

        test("a file of several parts comes whole, with its progress") {
            val content = ByteArray(2 * FileUpload.PART_BYTES + 1000)
            Random(7).nextBytes(content)
            val (sent, told) = copy(content, "c/etl.jar")
            sent shouldBe true
            told shouldContainExactly
                listOf(
                    FileUpload.PART_BYTES.toLong(),
                    2L * FileUpload.PART_BYTES,
                    content.size.toLong(),
                )
            hash(bucket.resolve("c/etl.jar").readBytes()) shouldBe hash(content)
        }

        test("a file that changes after its hash was taken is refused, small or large") {
            val other = hash("another".toByteArray())
            for ((key, content) in
                listOf(
                    "d/small" to "echo".toByteArray(),
                    "d/large" to ByteArray(FileUpload.PART_BYTES + 1),
                )) {
                refusal { copy(content, key, sha256 = other) }
                    .let {
                        it.code() shouldBe AwsCode.FILE_CHANGED
                        it.what() shouldContain "its content has another SHA-256"
                    }
                bucket.resolve(key).exists() shouldBe false
            }
        }

        test("a bucket that does not exist is named") {
            refusal { copy("x".toByteArray(), "", "s3://no-such-bucket/x/job.sh") }
                .let {
                    it.code() shouldBe AwsCode.BUCKET_UNKNOWN
                    it.what() shouldContain "no-such-bucket"
                }
        }

        test("a bucket in another region is found by the redirect of S3") {
            val asked = CopyOnWriteArrayList<String>()
            val server = HttpServer.create(InetSocketAddress("127.0.0.1", 0), 0)
            server.createContext("/") { exchange ->
                val region =
                    Regex("Credential=[^/]+/[0-9]+/([^/]+)/s3")
                        .find(exchange.requestHeaders.getFirst("Authorization"))!!
                        .groupValues[1]
                asked.add(region)
                val here = region == "us-west-2"
                val body = if (here) LISTING else REDIRECT
                exchange.responseHeaders.add("x-amz-bucket-region", "us-west-2")
                exchange.sendResponseHeaders(if (here) 200 else 301, body.length.toLong())
                exchange.responseBody.use { it.write(body.toByteArray()) }
            }
            server.start()
            try {
                val endpoint = "http://127.0.0.1:${server.address.port}"
                val settings = AwsSettings("prod", "eu-central-1", null, null, endpoint, null)
                AwsAccess(settings, "emrys-run-1").use { far ->
                    AwsStorage(far).use { it.list(S3Place("far", "logs/")).single().key } shouldBe
                        "logs/stderr.gz"
                }
                asked.first() shouldBe "eu-central-1"
                asked.last() shouldBe "us-west-2"
            } finally {
                server.stop(0)
            }
        }
    })
