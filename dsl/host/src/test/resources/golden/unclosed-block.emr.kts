pipeline("daily") {
    val etl = cluster("etl") {
        instances { primary("m6g.xlarge") }
    etl.step("s") { bash("date") }
}
