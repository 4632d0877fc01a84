package dev.emrys.jobs

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.property.Arb
import io.kotest.property.arbitrary.int
import io.kotest.property.arbitrary.list
import io.kotest.property.arbitrary.map
import io.kotest.property.arbitrary.of
import io.kotest.property.checkAll
import java.io.ByteArrayInputStream
import org.apache.hadoop.io.Text

/**
 * Separators, white space that is no separator, characters of one to four bytes, and bytes that are
 * not UTF-8.
 */
internal val oddText: Arb<ByteArray> =
    Arb.list(
            Arb.of(
                listOf(
                        " ",
                        "\t",
                        "\n",
                        "\r",
                        "\u000C",
                        " ",
                        "\n",
                        "\r\n",
                        "\u00A0",
                        "\u2028",
                        "\u000B",
                        "\u0085",
                        "\u3000",
                    )
                    .plus(listOf("a", "b", "A", "ä", "日", "🦊", ".", "\uFEFF", "\u0000"))
                    .map { it.toByteArray() }
                    .plus(listOf(byteArrayOf(-1), byteArrayOf(-64), byteArrayOf(-28, -72)))
            ),
            0..60,
        )
        .map { pieces -> pieces.fold(ByteArray(0)) { text, piece -> text + piece } }

class WordScannerTest :
    FunSpec({
        test(
            "wherever a text is cut into ranges, and however small the buffer, each word is found once"
        ) {
            checkAll(3000, oddText, Arb.list(Arb.int(0..200), 0..6), Arb.int(1..9)) {
                text,
                cuts,
                buffer ->
                val borders =
                    (cuts.filter { it < text.size } + 0 + text.size).sorted().map { it.toLong() }
                borders.zipWithNext().flatMap { (start, end) ->
                    scan(text, start, end, buffer)
                } shouldContainExactly WordOracle.words(text)
            }
        }
    })

private fun scan(text: ByteArray, start: Long, end: Long, buffer: Int): List<String> {
    val input = ByteArrayInputStream(text).apply { skip(maxOf(0, start - 1)) }
    val word = Text()
    return WordScanner(input, start, end, buffer).use { scanner ->
        buildList { while (scanner.next(word)) add(String(word.copyBytes(), Charsets.ISO_8859_1)) }
    }
}
