package dev.emrys.storage

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldMatch
import io.kotest.property.Arb
import io.kotest.property.PropTestConfig
import io.kotest.property.arbitrary.Codepoint
import io.kotest.property.arbitrary.element
import io.kotest.property.arbitrary.list
import io.kotest.property.arbitrary.string
import io.kotest.property.checkAll
import java.nio.file.Files
import java.nio.file.attribute.PosixFilePermissions
import java.util.Random
import kotlin.io.path.createParentDirectories
import kotlin.io.path.readBytes
import kotlin.io.path.readText
import kotlin.io.path.writeText
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation
import software.amazon.awssdk.core.sync.RequestBody
import software.amazon.awssdk.services.s3.model.ChecksumAlgorithm as SdkAlgorithm
import software.amazon.awssdk.services.s3.model.ChecksumMode
import software.amazon.awssdk.services.s3.model.CompletedPart
import software.amazon.awssdk.services.s3.model.MetadataDirective
import software.amazon.awssdk.services.s3.model.ObjectIdentifier

private const val PART = 5 shl 20

class ObjectsTest :
    FunSpec({
        test("an object is a file that only this user may read, with its metadata") {
            withStorage { storage ->
                storage.client.putObject(
                    {
                        it.bucket(BUCKET).key("a/b.txt").contentType("text/x; charset=UTF-8")
                        it.cacheControl("no-store").metadata(mapOf("Owner" to "me"))
                    },
                    RequestBody.fromString("hello"),
                )
                val file = storage.folder.resolve(BUCKET).resolve("a/b.txt")
                file.readText() shouldBe "hello"
                PosixFilePermissions.toString(Files.getPosixFilePermissions(file)) shouldBe
                    "rw-------"
                val head = storage.client.headObject { it.bucket(BUCKET).key("a/b.txt") }
                head.eTag() shouldBe "\"5d41402abc4b2a76b9719d911017c592\""
                head.contentType() shouldBe "text/x; charset=UTF-8"
                head.cacheControl() shouldBe "no-store"
                head.metadata() shouldBe mapOf("owner" to "me")
                head.contentLength() shouldBe 5
            }
        }

        test("a file that was written or changed by hand is an object without metadata") {
            withStorage { storage ->
                storage.client.put("a", "hello")
                val bucket = storage.folder.resolve(BUCKET)
                bucket.resolve("a").writeText("changed by hand")
                bucket.resolve("x/y").createParentDirectories().writeText("by hand")
                storage.client.keys() shouldBe listOf("a", "x/y")
                for (key in listOf("a", "x/y")) {
                    val head = storage.client.headObject { it.bucket(BUCKET).key(key) }
                    head.eTag() shouldMatch "\"[0-9a-f]{32}-1\""
                    head.contentType() shouldBe "binary/octet-stream"
                }
                storage.client.text("a") shouldBe "changed by hand"
            }
        }

        test("ranges are the bytes of the object, and one after its end is InvalidRange") {
            withStorage { storage ->
                storage.client.put("k", "0123456789")
                fun range(range: String) =
                    storage.client
                        .getObjectAsBytes { it.bucket(BUCKET).key("k").range(range) }
                        .let { "${it.asUtf8String()} ${it.response().contentRange()}" }
                range("bytes=2-4") shouldBe "234 bytes 2-4/10"
                range("bytes=7-") shouldBe "789 bytes 7-9/10"
                range("bytes=-3") shouldBe "789 bytes 7-9/10"
                range("bytes=8-99") shouldBe "89 bytes 8-9/10"
                range("bytes=4-2") shouldBe "0123456789 null"
                errorOf { range("bytes=10-") } shouldBe "416 InvalidRange"
            }
        }

        test("parts become one object, which is not visible before") {
            withStorage { storage ->
                val client = storage.client
                val bytes = ByteArray(2 * PART + 10).also { Random(1).nextBytes(it) }
                val id = client.createMultipartUpload { it.bucket(BUCKET).key("big") }.uploadId()
                fun part(number: Int, from: Int, to: Int) =
                    client
                        .uploadPart(
                            { it.bucket(BUCKET).key("big").uploadId(id).partNumber(number) },
                            RequestBody.fromBytes(bytes.copyOfRange(from, to)),
                        )
                        .eTag()
                part(3, 0, 1)
                val tags =
                    listOf(
                        part(1, 0, PART),
                        part(2, PART, 2 * PART),
                        part(3, 2 * PART, bytes.size),
                    )
                client.keys().shouldBeEmpty()
                client
                    .listMultipartUploads { it.bucket(BUCKET) }
                    .uploads()
                    .map { it.uploadId() } shouldBe listOf(id)
                client
                    .listParts { it.bucket(BUCKET).key("big").uploadId(id) }
                    .parts()
                    .map { it.size() } shouldBe listOf(PART.toLong(), PART.toLong(), 10L)
                fun complete(parts: List<CompletedPart>) = client.completeMultipartUpload {
                    it.bucket(BUCKET).key("big").uploadId(id).multipartUpload { all ->
                        all.parts(parts)
                    }
                }
                val parts = tags.mapIndexed { i, tag ->
                    CompletedPart.builder().partNumber(i + 1).eTag(tag).build()
                }
                errorOf { complete(parts.reversed()) } shouldBe "400 InvalidPartOrder"
                errorOf { complete(listOf(parts[0].toBuilder().eTag("x").build())) } shouldBe
                    "400 InvalidPart"
                complete(parts).eTag() shouldMatch "\"[0-9a-f]{32}-3\""
                (storage.folder.resolve(BUCKET).resolve("big").readBytes() contentEquals
                    bytes) shouldBe true
                errorOf { complete(parts) } shouldBe "404 NoSuchUpload"
            }
        }

        test("uploads are listed by pages of any size, each once") {
            withStorage { storage ->
                val client = storage.client
                val keys = listOf("a", "b", "b", "b", "c ü", "d")
                val ids = keys.map { key ->
                    client.createMultipartUpload { it.bucket(BUCKET).key(key) }.uploadId()
                }
                fun pages(most: Int) =
                    client
                        .listMultipartUploadsPaginator { it.bucket(BUCKET).maxUploads(most) }
                        .map { page -> page.uploads().map { it.key() to it.uploadId() } }
                val all = pages(1_000).single()
                all.map { it.first } shouldBe keys
                all.map { it.second }.toSet() shouldBe ids.toSet()
                for (most in 1..6) {
                    val found = pages(most)
                    found.map { it.size }.max() shouldBe most
                    found.flatten() shouldBe all
                }
                all.forEach { (key, id) ->
                    client.abortMultipartUpload { it.bucket(BUCKET).key(key).uploadId(id) }
                }
                storage.folder.resolve(".emrys-multipart").toFile().list().orEmpty().shouldBeEmpty()
                storage.folder.resolve(".emrys-uploads").toFile().list().orEmpty().shouldBeEmpty()
            }
        }

        test("a part that is not the last one has at least 5 MiB") {
            withStorage { storage ->
                val client = storage.client
                val id = client.createMultipartUpload { it.bucket(BUCKET).key("k") }.uploadId()
                val parts =
                    (1..2).map { number ->
                        val tag =
                            client.uploadPart(
                                { it.bucket(BUCKET).key("k").uploadId(id).partNumber(number) },
                                RequestBody.fromString("small"),
                            )
                        CompletedPart.builder().partNumber(number).eTag(tag.eTag()).build()
                    }
                errorOf {
                    client.completeMultipartUpload {
                        it.bucket(BUCKET).key("k").uploadId(id).multipartUpload { all ->
                            all.parts(parts)
                        }
                    }
                } shouldBe "400 EntityTooSmall"
                client.abortMultipartUpload { it.bucket(BUCKET).key("k").uploadId(id) }
                errorOf { client.listParts { it.bucket(BUCKET).key("k").uploadId(id) } } shouldBe
                    "404 NoSuchUpload"
            }
        }

        test("a copy has the metadata of its source, or new ones") {
            withStorage { storage ->
                val client = storage.client
                client.putObject(
                    { it.bucket(BUCKET).key("ü +%").metadata(mapOf("a" to "1")) },
                    RequestBody.fromString("text"),
                )
                fun copy(to: String, directive: MetadataDirective) = client.copyObject {
                    it.sourceBucket(BUCKET).sourceKey("ü +%").destinationBucket(BUCKET)
                    it.destinationKey(to).metadataDirective(directive).metadata(mapOf("b" to "2"))
                }
                fun metadata(key: String) =
                    client.headObject { it.bucket(BUCKET).key(key) }.metadata()
                copy("copy", MetadataDirective.COPY)
                client.text("copy") shouldBe "text"
                metadata("copy") shouldBe mapOf("a" to "1")
                errorOf { copy("ü +%", MetadataDirective.COPY) } shouldBe "400 InvalidRequest"
                copy("ü +%", MetadataDirective.REPLACE)
                metadata("ü +%") shouldBe mapOf("b" to "2")
            }
        }

        test("conditions decide whether an object is read or replaced") {
            withStorage { storage ->
                val client = storage.client
                client.put("k", "hello")
                val tag = client.headObject { it.bucket(BUCKET).key("k") }.eTag()
                fun put(key: String, match: String?, noneMatch: String?) = errorOf {
                    client.putObject(
                        { it.bucket(BUCKET).key(key).ifMatch(match).ifNoneMatch(noneMatch) },
                        RequestBody.fromString("new"),
                    )
                }
                put("k", null, "*") shouldBe "412 PreconditionFailed"
                put("other", null, "*") shouldBe "none"
                put("k", "\"wrong\"", null) shouldBe "412 PreconditionFailed"
                put("none", tag, null) shouldBe "404 NoSuchKey"
                client.text("k") shouldBe "hello"
                put("k", tag, null) shouldBe "none"
                errorOf {
                    client.getObjectAsBytes { it.bucket(BUCKET).key("k").ifMatch(tag) }
                } shouldBe "412 PreconditionFailed"
                val changed = client.headObject { it.bucket(BUCKET).key("k") }.eTag()
                errorOf {
                        client.getObjectAsBytes { it.bucket(BUCKET).key("k").ifNoneMatch(changed) }
                    }
                    .take(3) shouldBe "304"
            }
        }

        test("each way to check a body is accepted") {
            withStorage { storage ->
                for (algorithm in
                    listOf(
                        SdkAlgorithm.CRC32,
                        SdkAlgorithm.CRC32_C,
                        SdkAlgorithm.SHA1,
                        SdkAlgorithm.SHA256,
                    )) {
                    storage.client.putObject(
                        { it.bucket(BUCKET).key("$algorithm").checksumAlgorithm(algorithm) },
                        RequestBody.fromString("123456789"),
                    )
                    storage.client
                        .getObjectAsBytes {
                            it.bucket(BUCKET).key("$algorithm").checksumMode(ChecksumMode.ENABLED)
                        }
                        .asUtf8String() shouldBe "123456789"
                }
                val plain =
                    storage.s3("client", "client-secret", RequestChecksumCalculation.WHEN_REQUIRED)
                plain.put("plain", "123456789")
                storage.client.text("plain") shouldBe "123456789"
                errorOf {
                    storage.client.putObject(
                        { it.bucket(BUCKET).key("wrong").contentMD5("CY9rzUYh03PK3k6DJie09g==") },
                        RequestBody.fromString("123456789"),
                    )
                } shouldBe "400 BadDigest"
                errorOf { storage.client.text("wrong") } shouldBe "404 NoSuchKey"
                // The check value of the catalogue of CRCs.
                dev.emrys.storage.ChecksumAlgorithm.CRC64NVME.start()
                    .apply { update("123456789".toByteArray(), 0, 9) }
                    .digest()
                    .joinToString("") { "%02x".format(it) } shouldBe "ae8b14860a799888"
            }
        }

        test("a deleted object is gone, and one that never was is deleted too") {
            withStorage { storage ->
                storage.client.put("a/b", "x")
                storage.client.put("a/c", "x")
                val deleted =
                    storage.client.deleteObjects { request ->
                        request.bucket(BUCKET).delete { all ->
                            all.objects(
                                listOf("a/b", "never").map {
                                    ObjectIdentifier.builder().key(it).build()
                                }
                            )
                        }
                    }
                deleted.deleted().map { it.key() } shouldContainExactly listOf("a/b", "never")
                storage.client.keys() shouldBe listOf("a/c")
                storage.client.deleteObject { it.bucket(BUCKET).key("a/c") }
                storage.client.keys().shouldBeEmpty()
                // The folder that is left is no object, and the key is free.
                storage.client.put("a", "now an object")
                storage.client.keys() shouldBe listOf("a")
            }
        }

        test("a key with a slash at its end is a folder, and other folders are no objects") {
            withStorage { storage ->
                Files.createDirectories(storage.folder.resolve(BUCKET).resolve("by-hand"))
                storage.client.put("folder/", "")
                storage.client.keys() shouldBe listOf("folder/")
                storage.client.text("folder/") shouldBe ""
                errorOf { storage.client.put("full/", "x") } shouldBe "400 InvalidRequest"
                errorOf { storage.client.put("folder", "x") } shouldBe "400 InvalidRequest"
                storage.client.deleteObject { it.bucket(BUCKET).key("folder/") }
                storage.client.keys().shouldBeEmpty()
            }
        }

        test("a key that no file can have is refused when it is put, and never found") {
            withStorage { storage ->
                storage.client.put("object", "x")
                storage.client.put("prefix/object", "x")
                val impossible =
                    listOf("a//b", "/a", "a/../b", "..", ".", "a/./b", "object/below", "prefix")
                for (key in impossible) {
                    errorOf { storage.client.put(key, "x") } shouldBe "400 InvalidRequest"
                    errorOf { storage.client.text(key) } shouldBe "404 NoSuchKey"
                    storage.client.deleteObject { it.bucket(BUCKET).key(key) }
                }
                errorOf { storage.client.put("k".repeat(256), "x") } shouldBe "400 KeyTooLongError"
                errorOf { storage.client.put("k/".repeat(513) + "k", "x") } shouldBe
                    "400 KeyTooLongError"
                storage.client.keys() shouldBe listOf("object", "prefix/object")
                storage.folder.toFile().list().orEmpty().filter { !it.startsWith(".") } shouldBe
                    listOf(BUCKET)
            }
        }

        test("every other key is kept and listed as it is") {
            withStorage { storage ->
                val part = Arb.string(1..12, CHARACTERS)
                checkAll(PropTestConfig(iterations = 150), Arb.list(part, 1..4)) { parts ->
                    if (parts.none { it == "." || it == ".." }) {
                        val key = "p/" + parts.joinToString("/")
                        storage.client.put(key, key)
                        storage.client.text(key) shouldBe key
                        storage.client.keys() shouldContainExactly listOf(key)
                        storage.client.deleteObject { it.bucket(BUCKET).key(key) }
                    }
                }
            }
        }
    })

/** Those with a meaning in addresses, XML, shells and file systems, and of each length in UTF-8. */
private val CHARACTERS: Arb<Codepoint> =
    Arb.element(
        " !\"#\$%&'()*+,-.:;<=>?@[\\]^_`{|}~aZ0\tüß日本\u0301\uFFFD".map { Codepoint(it.code) } +
            Codepoint(0x1F600)
    )
