pipeline("pi") {
    description = "The ratio of a circle's circumference to its diameter, by throwing darts"

    val piCalc = cluster("PiCalc") {
        release = Release("emr-7.8.0")
        applications(Spark)
        instances { primary("m5.xlarge") }
    }

    piCalc.step("calculate_pi") { sparkExample("SparkPi", 10) }
}
