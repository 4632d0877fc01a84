fun depth(n: Int): Int = 1 + depth(n + 1)

val total = depth(0)
