pipeline("daily") {
    val etl = clustr("etl") {
        stepConcurrency = 2
        instances {
            primary("m6g.xlarge")
        }
    }
    etl.step("s") {
        bash("date")
        timeout = 2.hours
    }
}
