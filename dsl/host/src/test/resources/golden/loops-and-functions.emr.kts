import java.time.DayOfWeek

fun days(from: LocalDate, count: Int) = (0 until count).map { from.plusDays(it.toLong()) }

pipeline("backfill") {
    val from = dateParam("from") { default { logicalDate } }
    val etl = cluster("etl") {
        instances { primary("m6g.xlarge") }
        idleTimeout = 90.seconds
    }
    var last: StepHandle? = null
    for (day in days(from, 3)) {
        if (day.dayOfWeek == DayOfWeek.SUNDAY) continue
        last = etl.step("load-$day") {
            bash("load $day ${secret("db")}")
            last?.let { after(it) }
            timeout = 1.days
        }
    }
}
