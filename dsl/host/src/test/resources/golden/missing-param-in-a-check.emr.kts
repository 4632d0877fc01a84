// mode: check
pipeline("daily") {
    val day = param("day") { description = "The day to load" }
    val etl = cluster("etl") { instances { primary("m6g.xlarge") } }
    etl.step("s") { bash("echo $day") }
}
