pipeline("daily") {
    val etl = cluster("etl") {
        logs = s3("my-bucket/logs")
        stepConcurrency = 300
        instances { core("m6g.xlarge", count = 0) }
    }
    etl.step("idle") {}
    etl.step("busy") { bash("date"); sparkExample("SparkPi", 10) }
}
