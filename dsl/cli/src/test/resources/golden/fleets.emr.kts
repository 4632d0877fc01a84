val base = clusterShape {
    release = Release("emr-7.8.0")
    applications(Spark)
}

pipeline("fleets") {
    val etl = cluster("etl", base) {
        managedScaling { minimum = 2; maximum = 40 }
        instances {
            primaryFleet { type("m6g.xlarge"); type("m5.xlarge") }
            coreFleet(onDemand = 4, spot = 8) {
                type("m6g.2xlarge", weight = 2)
                type("m6g.xlarge")
            }
            taskFleet(spot = 16) { type("r6g.xlarge") }
        }
    }
    etl.step("list") { hadoopJarStep("command-runner.jar") { args("hadoop", "fs", "-ls", "/") } }
}
