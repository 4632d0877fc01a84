package dev.emrys.storage

import dev.emrys.testing.temporaryFolder
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.property.Arb
import io.kotest.property.PropTestConfig
import io.kotest.property.arbitrary.element
import io.kotest.property.arbitrary.int
import io.kotest.property.checkAll
import java.nio.file.Files
import java.nio.file.Path

private val KEYS =
    listOf(
        "a",
        "b/c",
        "b-c",
        "b.c",
        "b0",
        "b/c-d",
        "b/d/e",
        "b/d/f",
        "b/e",
        "c/d/e/f",
        "c/dd",
        "ü/x",
        "Z",
        "z/ /z",
        "z/a",
    )

private fun bucket(keys: Collection<String>): Path {
    val folder = temporaryFolder("emrys-listing")
    for (key in keys) {
        Files.createDirectories(folder.resolve(key).parent)
        Files.writeString(folder.resolve(key), key)
    }
    return folder
}

/** What S3's documentation says about a list, over all keys. */
private fun expected(
    keys: Collection<String>,
    prefix: String,
    delimiter: String,
    after: String,
    most: Int,
): List<String> =
    keys
        .filter { it.startsWith(prefix) && ObjectWalk.ORDER.compare(it, after) > 0 }
        .map { key ->
            val end = if (delimiter.isEmpty()) -1 else key.indexOf(delimiter, prefix.length)
            if (end < 0) key else "group " + key.substring(0, end + delimiter.length)
        }
        .filter { it != "group $after" }
        .distinct()
        .sortedWith { a, b ->
            ObjectWalk.ORDER.compare(a.removePrefix("group "), b.removePrefix("group "))
        }
        .take(most)

private fun found(bucket: Path, prefix: String, delimiter: String, after: String, most: Int) =
    buildList {
        val visitor =
            object : ObjectWalk.Visitor {
                override fun `object`(found: StoredObject): Boolean {
                    if (size < most) add(found.key())
                    return size < most
                }

                override fun group(commonPrefix: String): Boolean {
                    if (size < most) add("group $commonPrefix")
                    return size < most
                }
            }
        ObjectWalk(prefix, delimiter, after, visitor).walk(bucket)
    }

class ListingTest :
    FunSpec({
        test("a list has what S3 would list, for any prefix, delimiter, start and size") {
            val bucket = bucket(KEYS)
            val texts = listOf("", "b", "b/", "b/d", "b/d/", "c/", "z", "ü", "nothing", "b/c")
            checkAll(
                PropTestConfig(iterations = 1000),
                Arb.element(texts),
                Arb.element("", "/", "d", "-"),
                Arb.element(KEYS + texts),
                Arb.int(1..20),
            ) { prefix, delimiter, after, most ->
                found(bucket, prefix, delimiter, after, most) shouldBe
                    expected(KEYS, prefix, delimiter, after, most)
            }
        }

        test("pages together have every object and every common prefix once") {
            Storage().use { storage ->
                storage.client.createBucket { it.bucket(BUCKET) }
                KEYS.forEach { storage.client.put(it, it) }
                for (size in 1..4) {
                    val pages =
                        storage.client.listObjectsV2Paginator {
                            it.bucket(BUCKET).delimiter("/").maxKeys(size)
                        }
                    pages.flatMap { page -> page.contents().map { it.key() } } shouldContainExactly
                        listOf("Z", "a", "b-c", "b.c", "b0")
                    pages.flatMap { page ->
                        page.commonPrefixes().map { it.prefix() }
                    } shouldContainExactly listOf("b/", "c/", "z/", "ü/")
                    pages.forEach {
                        it.keyCount() shouldBe it.contents().size + it.commonPrefixes().size
                    }
                }
                val first = storage.client.listObjects { it.bucket(BUCKET).maxKeys(3) }
                first.contents().map { it.key() } shouldBe listOf("Z", "a", "b-c")
                first.isTruncated shouldBe true
                storage.client
                    .listObjects { it.bucket(BUCKET).marker("b-c").maxKeys(1) }
                    .contents()
                    .map { it.key() } shouldBe listOf("b.c")
                errorOf {
                    storage.client.listObjectsV2 { it.bucket(BUCKET).continuationToken("!") }
                } shouldBe "400 InvalidArgument"
            }
        }

        test("a folder that is a link to one above it is not listed") {
            val bucket = bucket(listOf("a/b"))
            Files.createSymbolicLink(bucket.resolve("a/loop"), bucket)
            found(bucket, "", "", "", 10) shouldBe listOf("a/b")
        }
    })
