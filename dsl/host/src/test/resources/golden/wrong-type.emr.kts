pipeline("daily") {
    val etl = cluster("etl") {
        stepConcurrency = "two"
        logs = "s3://my-emr-logs/"
        idleTimeout = 30
        applications("Spark")
        instances {
            primary("m6g.xlarge")
            core("m6g.xlarge", count = "2")
            task(4)
        }
    }
    val parts: Int = param("parts") { default = "4" }
    etl.step("s") { bash("date"); after("other") }
}
