pipeline("daily-etl") {
    description = "Raw events to day-partitioned parquet, a report of them, and its publication"

    val day = dateParam("day") {
        description = "The day whose raw events are loaded"
        default = LocalDate.of(2026, 4, 25)
    }
    val raw = fileParam("raw") {
        description = "Where the raw events lie, a folder for each day"
        default = file("data/events")
    }
    val lake = param("lake") {
        description = "Where the curated events, the report and what is published go"
        default = "s3://emrys-examples/daily-etl/$runName"
    }
    val malformed = intParam("max-malformed-percent") {
        description = "More malformed lines than this fail the load"
        default = 10
    }

    val etl = cluster("etl") {
        release = Release("emr-7.8.0")
        applications(Spark, Hive)
        logs = s3("s3://emrys-examples/logs/")
        idleTimeout = 30.minutes
        instances {
            primary("m6g.xlarge")
            core("m6g.2xlarge", count = 2)
            task("m6g.2xlarge", count = 4) { spot() }
        }
        configuration("spark-defaults") {
            set("spark.sql.adaptive.enabled", true)
            set("spark.sql.shuffle.partitions", 4)
        }
        tags("Owner" to "data-eng", "CostCenter" to "analytics")
        retry {
            attempts = 2
            on(Failure.Bootstrap, Failure.Internal)
        }
    }

    val curate = etl.step("curate") {
        sparkSubmit(file("jobs/target/emrys-jobs.jar"), mainClass = "dev.emrys.jobs.DailyEtl") {
            args("--input", "$raw/$day/", "--output", "$lake/events/", "--day", day)
            args("--max-malformed-percent", malformed)
            conf("spark.sql.parquet.compression.codec", "snappy")
        }
        // The load replaces only the days that it writes, so a second attempt has the same result.
        retry {
            attempts = 3
            backoff = exponential(30.seconds, max = 10.minutes, jitter = 0.2)
            on(Failure.ClusterLost, Failure.Timeout)
        }
        timeout = 2.hours
    }

    val report = etl.step("report") {
        sparkSql(file("sql/daily-report.sql")) {
            define("events", "$lake/events/")
            define("report", "$lake/report/")
        }
        after(curate)
        retry { attempts = 2 }
        timeout = 30.minutes
    }

    etl.step("publish") {
        script(file("bin/publish.sh")) { args("$lake/report", "$lake/published") }
        after(report)
        timeout = 10.minutes
    }
}
