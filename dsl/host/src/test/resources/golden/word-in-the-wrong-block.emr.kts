pipeline("daily") {
    timeout = 2.hours
    val etl = cluster("etl") {
        instances {
            primary("m6g.xlarge")
            stepConcurrency = 2
        }
        cluster("inner") {}
        step("s") { bash("date") }
    }
}
