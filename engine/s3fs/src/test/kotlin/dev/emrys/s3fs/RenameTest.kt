package dev.emrys.s3fs

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import org.apache.hadoop.fs.Path

class RenameTest :
    FunSpec({
        val fs = Store().fs("s3://bucket")

        test("an object moves, and the parents of its new name are created") {
            fs.put("a", "1")
            fs.rename(fs.path("a"), fs.path("x/y/z")) shouldBe true
            fs.text("x/y/z") shouldBe "1"
            fs.exists(fs.path("a")) shouldBe false
        }

        test("a rename to an existing folder moves the source into it") {
            fs.put("f", "1")
            fs.put("into/other", "")
            fs.rename(fs.path("f"), fs.path("into")) shouldBe true
            fs.text("into/f") shouldBe "1"
            fs.put("tree/leaf", "2")
            fs.rename(fs.path("tree"), fs.path("into")) shouldBe true
            fs.text("into/tree/leaf") shouldBe "2"
            fs.put("f", "3")
            fs.rename(fs.path("f"), fs.path("into")) shouldBe false
            fs.text("into/f") shouldBe "1"
        }

        test("a rename to an existing object fails and changes nothing") {
            fs.put("from", "1")
            fs.put("to", "2")
            fs.rename(fs.path("from"), fs.path("to")) shouldBe false
            fs.rename(fs.path("into"), fs.path("to")) shouldBe false
            fs.text("from") shouldBe "1"
            fs.text("to") shouldBe "2"
        }

        test("a rename below an object, into itself, of the bucket or of a missing source fails") {
            fs.put("o", "")
            fs.rename(fs.path("from"), fs.path("o/below")) shouldBe false
            fs.rename(fs.path("into"), fs.path("into/deeper/down")) shouldBe false
            fs.rename(Path("s3://bucket/"), fs.path("elsewhere")) shouldBe false
            fs.rename(fs.path("missing"), fs.path("elsewhere")) shouldBe false
            fs.keys("into") shouldContainExactly listOf("f", "other", "tree")
        }

        test(
            "a rename to the same name returns true for an object and false for a folder, as in HDFS"
        ) {
            fs.rename(fs.path("from"), fs.path("from")) shouldBe true
            fs.rename(fs.path("into"), fs.path("into")) shouldBe false
            fs.text("from") shouldBe "1"
        }
    })
