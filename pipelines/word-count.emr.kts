pipeline("word-count") {
    description = "Counts words twice, with MapReduce and with Spark, and checks that both agree"

    val input = fileParam("input") {
        description = "The text: a file, a folder or an s3:// place, in UTF-8"
        default = file("data/james.txt")
    }
    val top = intParam("top") {
        description = "How many of the most frequent words to print"
        default = 10
    }

    val jobs = file("jobs/target/emrys-jobs.jar")
    // Each run has its own folder, so that two runs at the same time do not interfere.
    val out = "s3://emrys-examples/word-count/$runName"

    val words = cluster("words") {
        release = Release("emr-7.8.0")
        applications(Hadoop, Spark)
        stepConcurrency = 2
        instances {
            primary("m5.xlarge")
            core("m5.xlarge", count = 2)
        }
    }

    val mapReduce = words.step("count-with-mapreduce") {
        mapReduce(jobs, mainClass = "dev.emrys.jobs.WordCountMapReduce") {
            args(input, "$out/mapreduce", "--overwrite")
        }
    }

    val spark = words.step("count-with-spark") {
        sparkSubmit(jobs, mainClass = "dev.emrys.jobs.WordCountSpark") {
            args(input, "$out/spark", "--overwrite")
        }
    }

    words.step("compare") {
        mapReduce(jobs, mainClass = "dev.emrys.jobs.WordCountCheck") {
            args("$out/mapreduce", "$out/spark", "$out/word-count.tsv", "--top", top)
        }
        after(mapReduce, spark)
    }
}
