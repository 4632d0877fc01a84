package dev.emrys.jobs

import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import io.kotest.property.RandomSource
import io.kotest.property.arbitrary.take
import java.io.ByteArrayOutputStream
import java.util.zip.GZIPOutputStream
import kotlin.io.path.createDirectories
import kotlin.io.path.exists
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.readText

class WordCountTest :
    FunSpec({
        test("three sentences are counted alike by both, the most frequent first") {
            Local.put(
                "words/three.txt",
                "James hit the ball.\nJames makes the ball.\nJames lost the shoes.\n",
            )
            both("words/three.txt", "three") shouldBe
                "James\t3\nthe\t3\nball.\t2\nhit\t1\nlost\t1\nmakes\t1\nshoes.\t1\n"
            Local.file("mr-out/three").listDirectoryEntries("part-*").map {
                it.name
            } shouldContainExactly listOf("part-r-00000")
        }

        test("an empty file, an empty folder and white space alone have no words") {
            Local.put("none/file/empty.txt", "")
            Local.put("none/blank/blank.txt", " \n\t\r\n\u000C")
            Local.file("none/folder").createDirectories()
            both("none/file/empty.txt", "none-file") shouldBe ""
            both("none/blank", "none-blank") shouldBe ""
            both("none/folder", "none-folder") shouldBe ""
        }

        test("a last line without an end, and words with a tie, in the order of code points") {
            Local.put("tie/t.txt", "b a \uFFFD 🦊 ä B a.\r\nb\u00A0a Ab")
            both("tie/t.txt", "tie") shouldBe
                "Ab\t1\nB\t1\na\t1\na.\t1\nb\t1\nb\u00A0a\t1\nä\t1\n\uFFFD\t1\n🦊\t1\n"
        }

        test(
            "a folder is read with all below it, compressed files through their compression, hidden files not"
        ) {
            Local.put("deep/a.txt", "one two")
            Local.put("deep/b/c/d.txt", "two three")
            Local.put("deep/_SUCCESS", "hidden")
            Local.put("deep/.e.txt", "hidden")
            Local.put("deep/_work/f.txt", "hidden")
            Local.put(
                "deep/g.txt.gz",
                ByteArrayOutputStream()
                    .also { GZIPOutputStream(it).use { gz -> gz.write("three ä".toByteArray()) } }
                    .toByteArray(),
            )
            both("deep", "deep", splitBytes = 3) shouldBe "three\t2\ntwo\t2\none\t1\nä\t1\n"
            both("deep/*.txt", "glob") shouldBe "one\t1\ntwo\t1\n"
        }

        test("an existing file is read even if its name has the form of a pattern") {
            Local.put("odd/notes [2024]* {a,b}?.txt", "one two two")
            Local.put("odd/notes 2 x a!.txt", "none of this")
            both("odd/notes [2024]* {a,b}?.txt", "literal") shouldBe "two\t2\none\t1\n"
        }

        test("a word longer than every buffer and split is one word") {
            val long = "ä".repeat(120_000)
            Local.put("long/l.txt", "x $long x\n$long")
            both("long", "long", splitBytes = 50_000) shouldBe "x\t2\n$long\t2\n"
        }

        test(
            "unusual texts, also with bytes that are not UTF-8, are counted exactly, wherever they are split"
        ) {
            oddText.take(24, RandomSource.seeded(42)).chunked(6).forEachIndexed { i, texts ->
                texts.forEachIndexed { j, text -> Local.put("odd$i/$j.txt", text) }
                val mr = mapReduce("s3://odd$i/", "s3://out/odd$i-mr", splitBytes = 31)
                val spark = spark("s3://odd$i/", "s3://out/odd$i-spark", splitBytes = 17)
                mr shouldBe JobResult(0, "", "")
                spark shouldBe JobResult(0, "", "")
                withClue("texts of seed 42, group $i") {
                    val expected = WordOracle.result(texts).latin()
                    Local.whole("out/odd$i-mr").latin() shouldBe expected
                    Local.whole("out/odd$i-spark").latin() shouldBe expected
                }
            }
        }

        test(
            "more words than a mapper adds up at a time are counted, and stay in one order over several parts"
        ) {
            val text = ((1..130_000) + (1..1_000)).joinToString(" ") { "w$it" }
            Local.put("many/m.txt", text)
            both("many", "many") shouldHaveTheLinesOf
                WordOracle.result(listOf(text.toByteArray())).decodeToString()
            Local.file("spark-out/many").listDirectoryEntries("part-*").size shouldBeGreaterThan 1
        }

        test("an output that exists is refused, and kept, unless overwriting is asked for") {
            Local.put("again/in.txt", "new")
            for ((name, run) in listOf("mr" to ::mapReduceOf, "spark" to ::sparkOf)) {
                Local.put("again-$name/out/part-r-00000", "old\t1\n")
                val refused = run(arrayOf("s3://again/in.txt", "s3://again-$name/out"))
                refused.status shouldBe 1
                refused.err shouldContain "s3://again-$name/out exists already"
                refused.err shouldNotContain "\tat "
                Local.whole("again-$name/out").decodeToString() shouldBe "old\t1\n"
                run(arrayOf("s3://again/in.txt", "s3://again-$name/out", "--overwrite"))
                    .status shouldBe 0
                Local.whole("again-$name/out").decodeToString() shouldBe "new\t1\n"
                Local.file("again-$name").listDirectoryEntries().map {
                    it.name
                } shouldContainExactly listOf("out")
            }
        }

        test("impossible arguments are refused with a message, before anything is deleted") {
            Local.put("refuse/in/a.txt", "a")
            for (run in listOf(::mapReduceOf, ::sparkOf)) {
                fun refusal(vararg args: String) = run(args).also { it.status shouldBe 1 }.err
                refusal("s3://refuse/nothing", "s3://refuse/out") shouldContain
                    "There is no input at s3://refuse/nothing"
                refusal("s3://refuse/in", "s3://refuse/in/out", "--overwrite") shouldContain
                    "lie within each other"
                refusal("s3://refuse/in/a.txt", "s3://refuse/in", "--overwrite") shouldContain
                    "lie within each other"
                refusal("s3://refuse/in", "s3://fresh/") shouldContain "root of a bucket"
                refusal("s3://refuse/in") shouldContain "Usage:"
                refusal("s3://refuse/in", "s3://refuse/out", "--force") shouldContain
                    "There is no option --force"
            }
            Local.file("refuse/in/a.txt").readText() shouldBe "a"
            Local.file("refuse/out").exists() shouldBe false
        }

        test("Hadoop's own options are understood") {
            Local.put("generic/g.txt", "b a b")
            mapReduce("-D", "mapreduce.job.reduces=3", "s3://generic/g.txt", "s3://generic/out")
                .status shouldBe 0
            Local.whole("generic/out").decodeToString() shouldBe "b\t2\na\t1\n"
        }
    })

private fun mapReduceOf(args: Array<out String>): JobResult = mapReduce(*args)

private fun sparkOf(args: Array<out String>): JobResult = spark(*args)

private fun ByteArray.latin() = String(this, Charsets.ISO_8859_1)

/** Counts with both engines, compares them, and returns the result. */
private fun both(input: String, name: String, splitBytes: Long = Long.MAX_VALUE): String {
    mapReduce("s3://$input", "s3://mr-out/$name", splitBytes = splitBytes) shouldBe
        JobResult(0, "", "")
    spark("s3://$input", "s3://spark-out/$name", splitBytes = splitBytes) shouldBe
        JobResult(0, "", "")
    val counted = Local.whole("mr-out/$name")
    Local.whole("spark-out/$name").latin() shouldHaveTheLinesOf counted.latin()
    return counted.decodeToString()
}

/** Not shouldBe: its list of the differences between 130,000 lines takes minutes. */
private infix fun String.shouldHaveTheLinesOf(expected: String) {
    val lines = lines()
    val others = expected.lines()
    val at =
        (0..maxOf(lines.size, others.size)).firstOrNull {
            lines.getOrNull(it) != others.getOrNull(it)
        }
    withClue("line $at") {
        at?.let { lines.getOrNull(it) } shouldBe at?.let { others.getOrNull(it) }
    }
}
