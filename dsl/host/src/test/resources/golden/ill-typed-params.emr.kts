// given: parts=many full=yes from=25.04.2026 dya=x
pipeline("daily") {
    val day = param("day") { default { logicalDate.toString() } }
    val parts = intParam("parts") { default = 4 }
    val full = booleanParam("full") { default = false }
    val from = dateParam("from") { default { logicalDate.minusDays(1) } }
    val etl = cluster("etl") { instances { primary("m6g.xlarge") } }
    etl.step("s") { bash("echo $day $parts $full ${from.dayOfWeek}") }
}
