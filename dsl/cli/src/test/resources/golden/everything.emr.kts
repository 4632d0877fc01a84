pipeline("every thing") {
    description = "Every word that a plan can show"
    val day = dateParam("day") { default { logicalDate.minusDays(1) } }
    val parts = intParam("parts") { default = 4 }
    val full = booleanParam("full") { default = true }
    val lake = param("lake") { default = "s3://lake/$runName" }

    val big = cluster("big") {
        release = Release("emr-6.7.0")
        applications(Hadoop, Spark, Application("Tez"))
        logs = s3("s3://logs/emr/")
        stepConcurrency = 2
        idleTimeout = 90.minutes
        serviceRole = "my-service-role"
        instanceProfile = "my-instance-profile"
        subnet = "subnet-0123456789abcdef0"
        keyName = "my-key"
        instances {
            primary("m6g.xlarge", count = 3)
            core("m6g.2xlarge", count = 2) { spot { maxPricePerHour = "0.25" } }
            task("m6g.4xlarge", count = 8) { spot() }
        }
        configuration("spark-defaults") { set("spark.executor.memory", "2g") }
        configuration("hadoop-env") { configuration("export") { set("A", "b") } }
        tags("Owner" to "data-eng", "Cost" to 7)
        bootstrap("install", s3("s3://boot/install.sh"), "--fast", "two words")
        retry { attempts = 3; backoff = exponential(30.seconds, max = 10.minutes); on(Failure.Bootstrap, Failure.Internal) }
        onRetry { instances { primary("m6g.xlarge", count = 3); core("m6g.2xlarge", count = 2) } }
        onRetry { zones("eu-central-1b") }
    }
    val second = cluster("second") { instances { primary("m6g.xlarge") } }

    val first = second.step("a first") { bash("echo 'two lines'\ndate") }
    val spark = big.step("spark") {
        sparkSubmit("s3://jobs/etl.jar", mainClass = "com.acme.Etl") {
            args("--day", day, "--parts", parts, "--full", full, "--password", secret("db/password"), "")
            conf("spark.sql.adaptive.enabled", true)
            submit("--executor-memory", "2g")
        }
        after(first)
        retry { attempts = 5; backoff = constant(90.seconds) }
        timeout = 2.hours
    }
    val sql = big.step("sql") {
        sparkSql(s3("s3://jobs/report.sql")) { define("day", day) }
        after(first)
    }
    val count = big.step("count") {
        mapReduce("s3://jobs/count.jar", mainClass = "com.acme.Count") { args("in", lake); property("mapreduce.job.reduces", parts) }
        after(spark, sql)
        retry { attempts = 2; on(Failure.ClusterLost) }
    }
    val script = big.step("script") {
        script(s3("s3://jobs/publish.sh"), region = "eu-central-1") { args(lake) }
        after(count)
        timeout = 90.seconds
    }
    big.step("raw") {
        hadoopJarStep("command-runner.jar") { args("hadoop", "fs", "-ls", lake) }
        after(script)
    }
    big.step("pi") { sparkExample("SparkPi", 10); after(first) }
}
