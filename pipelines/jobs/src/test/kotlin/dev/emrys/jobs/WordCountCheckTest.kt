package dev.emrys.jobs

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.nio.file.Files
import kotlin.io.path.exists
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.readText
import kotlin.io.path.writeText

class WordCountCheckTest :
    FunSpec({
        fun check(vararg args: String) = runJob { out, err ->
            WordCountCheck.run(Local.conf(), out, err, *args)
        }

        test("equal counts, however cut into parts, print the top words and become one object") {
            Local.put("same/mr/part-r-00000", "the\t12\nJäger\t3\na\t3\nb\t1\n")
            Local.put("same/mr/_SUCCESS", "")
            Local.put("same/spark/part-r-00000", "the\t12\nJäger")
            Local.put("same/spark/part-r-00001", "")
            Local.put("same/spark/part-r-00002", "\t3\na\t3\nb\t1\n")
            Local.put("same/result.tsv", "old")
            check("s3://same/mr", "s3://same/spark", "s3://same/result.tsv", "--top", "3") shouldBe
                JobResult(
                    0,
                    "12 the\n 3 Jäger\n 3 a\n" +
                        "Both engines agree on 4 different words. The whole result is at s3://same/result.tsv\n",
                    "",
                )
            Local.file("same/result.tsv").readText() shouldBe "the\t12\nJäger\t3\na\t3\nb\t1\n"
        }

        test("the first difference is shown, and the result stays as it was") {
            Local.put("other/mr/part-r-00000", "the\t12\na\t3\nb\t1\n")
            Local.put("other/result.tsv", "old")
            val differences =
                mapOf(
                    "the\t12\na\t4\nb\t1\n" to "in line 2:\n  MapReduce: a\t3\n  Spark:     a\t4\n",
                    "the\t12\na\t3\n" to
                        "in line 3:\n  MapReduce: b\t1\n  Spark:     (has ended)\n",
                    "the\t12\na\t3\nb\t1\nc\t1\n" to
                        "in line 4:\n  MapReduce: (has ended)\n  Spark:     c\t1\n",
                    "the\t12\na\t3\nb\t1" to
                        "in line 3:\n  MapReduce: b\t1\n  Spark:     b\t1 (without a line end)\n",
                )
            for ((spark, difference) in differences) {
                Local.put("other/spark/part-r-00000", spark)
                check("s3://other/mr", "s3://other/spark", "s3://other/result.tsv") shouldBe
                    JobResult(1, "", "The word counts differ $difference")
            }
            Local.file("other/result.tsv").readText() shouldBe "old"
        }

        test("an invalid count, a missing output and wrong arguments are refused with a message") {
            Local.put("wrong/mr/part-r-00000", "the twelve\n")
            check("s3://wrong/mr", "s3://wrong/mr", "s3://wrong/r").err shouldContain
                "not a word, a tab and a count"
            check("s3://wrong/mr", "s3://wrong/spark", "s3://wrong/r").err shouldContain
                "There is no word count at s3://wrong/spark"
            check("s3://wrong/mr", "s3://wrong/mr", "s3://wrong/r", "--top", "-1").err shouldContain
                "--top is \"-1\""
            check("s3://wrong/mr").err shouldContain "Usage:"
            Local.file("wrong/r").exists() shouldBe false
        }

        test("the result may be in a local folder, and replaces what is there") {
            val folder = Files.createTempDirectory("result")
            folder.resolve("mr").writeText("a\t1\n")
            repeat(2) {
                check("$folder/mr", "$folder/mr", "$folder/out/result.tsv").status shouldBe 0
            }
            folder.resolve("out/result.tsv").readText() shouldBe "a\t1\n"
            folder
                .resolve("out")
                .listDirectoryEntries()
                .map { it.name }
                .filter { !it.startsWith(".") } shouldContainExactly listOf("result.tsv")
        }
    })
