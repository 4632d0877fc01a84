val regions = mapOf("eu" to "eu-central-1")

fun region(short: String): String =
    regions[short] ?: error("no region for $short.")

pipeline("daily") {
    val etl = cluster("etl") {
        instances { primary("m6g.xlarge") }
        tags("Region" to region("us"))
    }
    etl.step("s") { bash("date") }
}
