package dev.emrys.runtime

import dev.emrys.schedule.Arrival
import dev.emrys.scheduler.ArrivalSource
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.attribute.FileTime
import java.time.Duration
import java.time.Instant
import kotlin.io.path.createDirectories
import kotlin.io.path.createSymbolicLinkPointingTo
import kotlin.io.path.writeText

class FolderArrivalsTest :
    FunSpec({
        fun Path.file(name: String, text: String = "x"): Path =
            resolve(name).also {
                it.parent.createDirectories()
                it.writeText(text)
            }

        fun names(location: String, buckets: Path = Path.of("/none")): List<String> {
            val kind = if (location.startsWith("s3:")) Arrival.Kind.OBJECT else Arrival.Kind.FILE
            return FolderArrivals(buckets)
                .list(Arrival.of(kind, location))
                .items()
                .map { it.name() }
                .sorted()
        }

        test("files are found by patterns of the last elements") {
            val folder = tempdir().toPath().toRealPath()
            val a = folder.file("a.csv")
            val b = folder.file("b.csv")
            folder.file("c.txt")
            folder.file(".hidden.csv")
            val deep = folder.file("x/y/d.csv")
            folder.file(".part/e.csv")
            folder.resolve("folder.csv").createDirectories()
            names("$folder/*.csv") shouldContainExactly listOf("$a", "$b")
            names("$folder/{a,c}.csv") shouldContainExactly listOf("$a")
            names("$folder/a.csv") shouldContainExactly listOf("$a")
            names("$folder/*/y/*.csv") shouldContainExactly listOf("$deep")
            names("$folder/**.csv") shouldContainExactly listOf("$a", "$b", "$deep")
            names("$folder/x/y/") shouldContainExactly listOf("$deep")
            names("$folder/.*.csv") shouldContainExactly listOf("$folder/.hidden.csv")
        }

        test("a folder whose name has the letters of patterns is found by its escaped name") {
            val folder = tempdir().toPath().toRealPath().resolve("a[1]{*}\\")
            val file = folder.file("in/b.csv")
            names("${Arrival.escaped("$folder")}/in/*.csv") shouldContainExactly listOf("$file")
        }

        test("links are followed, and a circle of them has an end") {
            val folder = tempdir().toPath().toRealPath()
            folder.file("in/a.csv")
            folder.resolve("in/circle").createSymbolicLinkPointingTo(folder.resolve("in"))
            folder.resolve("link").createSymbolicLinkPointingTo(folder.resolve("in"))
            names("$folder/link/**.csv") shouldContainExactly listOf("$folder/link/a.csv")
        }

        test("objects are found by the beginning of their location") {
            val buckets = tempdir().toPath().toRealPath()
            buckets.file("bucket/in/part-1")
            buckets.file("bucket/in/2026/part-2")
            buckets.file("bucket/inbox/part-3")
            buckets.file("other/in/part-4")
            names("s3://bucket/in/", buckets) shouldContainExactly
                listOf("s3://bucket/in/2026/part-2", "s3://bucket/in/part-1")
            names("s3://bucket/in", buckets) shouldContainExactly
                listOf(
                    "s3://bucket/in/2026/part-2",
                    "s3://bucket/in/part-1",
                    "s3://bucket/inbox/part-3",
                )
            names("s3://bucket/in/part", buckets) shouldContainExactly
                listOf("s3://bucket/in/part-1")
            names("s3://missing/", buckets).shouldBeEmpty()
        }

        test("a folder that does not exist has nothing, a file in its place is an error") {
            val folder = tempdir().toPath().toRealPath()
            val source = FolderArrivals(folder)
            val missing = source.list(Arrival.of(Arrival.Kind.FILE, "$folder/in/*.csv"))
            missing shouldBe ArrivalSource.Listing("$folder/in", false, missing.items())
            missing.items().shouldBeEmpty()
            folder.file("in")
            shouldThrow<ArrivalSource.UnreadableException> {
                    source.list(Arrival.of(Arrival.Kind.FILE, "$folder/in/*.csv"))
                }
                .message shouldBe "$folder/in is no folder, or may not be read."
        }

        test("more files than can be remembered are an error") {
            val folder = tempdir().toPath().toRealPath()
            // The names of one file, which are faster to make than files.
            val first = folder.file("files/0")
            for (number in 1..20_000) Files.createLink(folder.resolve("files/$number"), first)
            for (part in 1..5) folder
                .resolve("p$part")
                .createSymbolicLinkPointingTo(folder.resolve("files"))
            shouldThrow<ArrivalSource.UnreadableException> { names("$folder/**") }
                .message shouldContain "More than 100,000 files match."
        }

        test("a file that was moved has arrived when it was moved") {
            val folder = tempdir().toPath().toRealPath()
            val begin = Instant.now().minusSeconds(1)
            val file = folder.file("a.csv")
            val written = begin.minus(Duration.ofDays(30))
            Files.setLastModifiedTime(file, FileTime.from(written))
            val source = FolderArrivals(folder)
            val item = source.list(Arrival.of(Arrival.Kind.FILE, "$folder/a.csv")).items().single()
            item.modifiedAt() shouldBe Files.getLastModifiedTime(file).toInstant()
            item.size() shouldBe 1
            (source.arrivedAt(item) > begin) shouldBe true
        }
    })
