package dev.emrys.language

/** Finds the known word that a misspelled one may be. */
public object Spelling {
    /**
     * The candidate that [word] is most likely a misspelling of: at most 2 edits away, 1 for words
     * of up to four characters, upper and lower case being one unless nothing else decides. Null
     * when there is none. The first of equally near ones wins.
     */
    public fun nearest(word: String, candidates: Iterable<String>): String? {
        val allowed = if (word.length <= 4) 1 else 2
        return candidates
            .map { it to distance(word.lowercase(), it.lowercase()) }
            .filter { (candidate, distance) -> distance <= allowed && distance < candidate.length }
            .minWithOrNull(compareBy({ it.second }, { distance(word, it.first) }))
            ?.first
    }

    /** Insertions, deletions, replacements and swaps of neighbours that lead from [a] to [b]. */
    public fun distance(a: String, b: String): Int {
        var beforeLast = IntArray(b.length + 1)
        var last = IntArray(b.length + 1) { it }
        for (i in 1..a.length) {
            val row = IntArray(b.length + 1)
            row[0] = i
            for (j in 1..b.length) {
                val replaced = last[j - 1] + if (a[i - 1] == b[j - 1]) 0 else 1
                row[j] = minOf(replaced, last[j] + 1, row[j - 1] + 1)
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                    row[j] = minOf(row[j], beforeLast[j - 2] + 1)
                }
            }
            beforeLast = last
            last = row
        }
        return last[b.length]
    }
}
