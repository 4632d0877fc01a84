// given: parts=8
pipeline("daily-etl") {
    description = "Raw events to curated parquet"

    val day = param("day") { description = "The day to load"; default { logicalDate.toString() } }
    val parts = intParam("parts") { default = 4 }
    val full = booleanParam("full") { default = false }
    val from = dateParam("from") { default { logicalDate.minusDays(1) } }

    val etl = cluster("etl") {
        release = Release("emr-7.8.0")
        applications(Spark, Hive)
        logs = s3("s3://my-emr-logs/")
        stepConcurrency = 2
        idleTimeout = 30.minutes
        instances {
            primary("m6g.xlarge")
            core("m6g.2xlarge", count = 2)
            task("m6g.2xlarge", count = 8) { spot { maxPricePerHour = "0.12" } }
        }
        configuration("spark-defaults") { set("spark.sql.adaptive.enabled", true) }
        configuration("hadoop-env") { configuration("export") { set("JAVA_HOME", "/usr/lib/jvm/java-17") } }
        tags("Owner" to "data-eng")
        bootstrap("install", s3("s3://my-bucket/install.sh"), "--fast")
        retry { attempts = 2; on(Failure.Bootstrap) }
    }

    val curate = etl.step("curate") {
        sparkSubmit("s3://my-bucket/jobs/etl.jar", mainClass = "com.acme.Etl") {
            args("--input", "s3://my-bucket/raw/$day/", "--parts", parts, "--full", full, "--since", from)
            args("--password", secret("warehouse/password"))
            conf("spark.sql.adaptive.enabled", true)
            submit("--executor-memory", "2g")
        }
        retry { attempts = 3; backoff = exponential(30.seconds, max = 10.minutes, jitter = 0.2); on(Failure.ClusterLost, Failure.Step) }
        timeout = 2.hours
    }

    val report = etl.step("report") {
        sparkSql(s3("s3://my-bucket/report.sql")) { define("day", day) }
        after(curate)
    }

    val count = etl.step("count") {
        mapReduce("s3://my-bucket/jobs/count.jar", mainClass = "com.acme.Count") { args("in", "out"); property("k", "v") }
        after(curate)
    }

    etl.step("publish") { script(s3("s3://my-bucket/publish.sh")) { args(day) }; after(report, count) }
    etl.step("pi") { sparkExample("SparkPi", 10) }
    etl.step("list") { hadoopJarStep(jar = "command-runner.jar") { args("hadoop", "fs", "-ls", "s3://my-bucket/") } }
    etl.step("done") { bash("echo done && date"); retry { backoff = constant(5.seconds) } }
}
