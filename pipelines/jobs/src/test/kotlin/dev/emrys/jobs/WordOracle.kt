package dev.emrys.jobs

/**
 * A simple word count for a text that fits in memory. A Latin-1 character is a byte, in the order
 * of bytes.
 */
internal object WordOracle {
    private val separators = Regex("[ \t\n\r\u000C]+")

    fun words(text: ByteArray): List<String> =
        String(text, Charsets.ISO_8859_1).split(separators).filter { it.isNotEmpty() }

    fun result(texts: Collection<ByteArray>): ByteArray =
        texts
            .flatMap { words(it) }
            .groupingBy { it }
            .eachCount()
            .entries
            .sortedWith(compareByDescending<Map.Entry<String, Int>> { it.value }.thenBy { it.key })
            .joinToString("") { "${it.key}\t${it.value}\n" }
            .toByteArray(Charsets.ISO_8859_1)
}
