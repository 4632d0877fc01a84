package dev.emrys.storage

import com.google.common.collect.ImmutableList
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import io.kotest.matchers.string.shouldStartWith
import java.io.InputStream
import java.net.BindException
import java.net.Socket
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse
import java.nio.file.Files
import java.time.Duration
import java.time.Instant
import java.time.InstantSource
import software.amazon.awssdk.core.sync.RequestBody

private val http = HttpClient.newHttpClient()

private fun get(uri: URI): HttpResponse<String> =
    http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())

class EndpointTest :
    FunSpec({
        test("only a request that is signed with a key of the account is answered") {
            withStorage { storage ->
                storage.client.put("k", "x")
                val anonymous = get(storage.uri.resolve("/$BUCKET/k"))
                anonymous.statusCode() shouldBe 403
                anonymous.body() shouldContain "<Code>AccessDenied</Code>"
                errorOf { storage.s3("client", "wrong").text("k") } shouldBe
                    "403 SignatureDoesNotMatch"
                errorOf { storage.s3("other", "client-secret").text("k") } shouldBe
                    "403 InvalidAccessKeyId"
            }
        }

        test("a request of another time is refused") {
            Storage(clock = { Instant.now().plus(Duration.ofMinutes(16)) }).use {
                errorOf { it.client.listBuckets() } shouldBe "403 RequestTimeTooSkewed"
            }
        }

        test("a presigned URL is valid for its time, its method and its object") {
            var ahead = Duration.ZERO
            Storage(clock = { Instant.now().plus(ahead) }).use { storage ->
                storage.client.createBucket { it.bucket(BUCKET) }
                storage.client.put("ü k", "hello")
                val signed =
                    storage.presigner.presignGetObject { request ->
                        request.signatureDuration(Duration.ofMinutes(5))
                        request.getObjectRequest { it.bucket(BUCKET).key("ü k") }
                    }
                val uri = signed.url().toURI()
                get(uri).body() shouldBe "hello"
                get(URI.create("$uri".replace("k?", "l?"))).statusCode() shouldBe 403
                http
                    .send(
                        HttpRequest.newBuilder(uri).DELETE().build(),
                        HttpResponse.BodyHandlers.ofString(),
                    )
                    .statusCode() shouldBe 403
                ahead = Duration.ofMinutes(6)
                get(uri).body() shouldContain "Request has expired"
            }
        }

        test("a request for another host is refused, so that no page in a browser reaches it") {
            withStorage { storage ->
                Socket("127.0.0.1", storage.uri.port).use { socket ->
                    socket
                        .getOutputStream()
                        .write("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n".toByteArray())
                    socket.getInputStream().readAllBytes().decodeToString() shouldStartWith
                        "HTTP/1.1 403"
                }
            }
        }

        test("an object whose body does not come whole does not appear") {
            withStorage { storage ->
                val broken =
                    object : InputStream() {
                        private var left = 1 shl 20

                        override fun read(): Int {
                            check(left-- > 0) { "the client fails" }
                            return 'x'.code
                        }
                    }
                shouldThrow<Exception> {
                    storage.client.putObject(
                        { it.bucket(BUCKET).key("half") },
                        RequestBody.fromInputStream(broken, 8L shl 20),
                    )
                }
                errorOf { storage.client.text("half") } shouldBe "404 NoSuchKey"
                storage.client.keys().shouldBeEmpty()
            }
        }

        test("buckets are folders: created, listed, deleted when they are empty") {
            Storage(region = "eu-west-1").use { storage ->
                val client = storage.client
                client.createBucket { it.bucket(BUCKET) }
                Files.isDirectory(storage.folder.resolve(BUCKET)) shouldBe true
                errorOf { client.createBucket { it.bucket(BUCKET) } } shouldBe
                    "409 BucketAlreadyOwnedByYou"
                client.put("a/b", "x")
                client.listBuckets().buckets().map { it.name() } shouldBe listOf(BUCKET)
                client.getBucketLocation { it.bucket(BUCKET) }.locationConstraintAsString() shouldBe
                    "eu-west-1"
                errorOf { client.deleteBucket { it.bucket(BUCKET) } } shouldBe "409 BucketNotEmpty"
                client.deleteObject { it.bucket(BUCKET).key("a/b") }
                client.deleteBucket { it.bucket(BUCKET) }
                errorOf { client.listObjectsV2 { it.bucket(BUCKET) } } shouldBe "404 NoSuchBucket"
                errorOf { client.put("k", "x") } shouldBe "404 NoSuchBucket"
                client.listBuckets().buckets().shouldBeEmpty()
            }
        }

        test("the first object of a step creates its bucket, as in the file system of the steps") {
            Storage().use { storage ->
                errorOf { storage.step.text("k") } shouldBe "404 NoSuchBucket"
                storage.step.put("k", "x")
                storage.client.text("k") shouldBe "x"
            }
        }

        test("what is not emulated says so") {
            withStorage { storage ->
                errorOf { storage.client.getBucketAcl { it.bucket(BUCKET) } } shouldBe
                    "501 NotImplemented"
                errorOf {
                    storage.client.putObject(
                        { it.bucket(BUCKET).key("k").tagging("a=b") },
                        RequestBody.fromString("x"),
                    )
                } shouldBe "501 NotImplemented"
            }
        }

        test("a port that is in use is a BindException, and the port of a closed one is free") {
            val storage = Storage()
            fun again() =
                StorageServer(
                    storage.folder,
                    "us-east-1",
                    ImmutableList.of(StorageCredential("a", "b", false)),
                    InstantSource.system(),
                    storage.uri.port,
                )
            shouldThrow<BindException> { again() }
            storage.close()
            again().use { it.port() shouldBe storage.uri.port }
        }

        test("a credential does not show its secret") {
            "${StorageCredential("id", "the-secret", false)}" shouldNotContain "the-secret"
        }
    })
