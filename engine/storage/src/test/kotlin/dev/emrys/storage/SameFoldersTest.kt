package dev.emrys.storage

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import java.nio.file.Files
import java.nio.file.attribute.FileTime
import java.time.Duration
import java.time.Instant
import org.apache.hadoop.conf.Configuration
import org.apache.hadoop.fs.FileSystem
import org.apache.hadoop.fs.Path
import software.amazon.awssdk.core.sync.RequestBody

private fun fileSystem(storage: Storage): FileSystem =
    FileSystem.newInstance(
        Path("s3://$BUCKET/").toUri(),
        Configuration().apply { set("emrys.s3.root", "${storage.folder}") },
    )

class SameFoldersTest :
    FunSpec({
        test("what the file system of the steps writes is read here, and the other way round") {
            withStorage { storage ->
                fileSystem(storage).use { steps ->
                    steps.create(Path("s3://$BUCKET/out/part-0")).use {
                        it.write("spark".toByteArray())
                    }
                    storage.client.text("out/part-0") shouldBe "spark"
                    storage.client.put("in/ü a", "boto3")
                    steps.open(Path("s3://$BUCKET/in/ü a")).use {
                        it.readAllBytes().decodeToString()
                    } shouldBe "boto3"
                    steps.delete(Path("s3://$BUCKET/out"), true)
                    storage.client.keys() shouldBe listOf("in/ü a")
                    storage.client.deleteObject { it.bucket(BUCKET).key("in/ü a") }
                    steps.exists(Path("s3://$BUCKET/in/ü a")) shouldBe false
                }
            }
        }

        test("neither sees what the other has not finished") {
            withStorage { storage ->
                fileSystem(storage).use { steps ->
                    val id =
                        storage.client
                            .createMultipartUpload { it.bucket(BUCKET).key("a") }
                            .uploadId()
                    storage.client.uploadPart(
                        { it.bucket(BUCKET).key("a").uploadId(id).partNumber(1) },
                        RequestBody.fromString("x"),
                    )
                    steps.listStatus(Path("s3://$BUCKET/")).map { it.path.name }.shouldBeEmpty()
                    steps.create(Path("s3://$BUCKET/b")).use {
                        it.write(1)
                        it.flush()
                        storage.client.keys().shouldBeEmpty()
                    }
                    storage.client.keys() shouldContainExactly listOf("b")
                }
            }
        }

        test("uploads of which nothing has come for 7 days are deleted, and steps still write") {
            val storage = Storage()
            storage.client.createBucket { it.bucket(BUCKET) }
            val old =
                storage.client.createMultipartUpload { it.bucket(BUCKET).key("old") }.uploadId()
            val new =
                storage.client.createMultipartUpload { it.bucket(BUCKET).key("new") }.uploadId()
            Files.setLastModifiedTime(
                storage.folder.resolve(".emrys-multipart").resolve(old),
                FileTime.from(Instant.now().minus(Duration.ofDays(8))),
            )
            fileSystem(storage).use { steps ->
                steps.create(Path("s3://$BUCKET/k")).use { it.write(1) }
            }
            storage.close()
            Storage(storage.folder).use { again ->
                again.client
                    .listMultipartUploads { it.bucket(BUCKET) }
                    .uploads()
                    .map { it.uploadId() } shouldBe listOf(new)
            }
        }
    })
