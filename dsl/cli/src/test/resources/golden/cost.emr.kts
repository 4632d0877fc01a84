// What a run on AWS costs: groups, managed scaling, Spot, a fleet, a type without a price.
pipeline("costly") {
    budget = 25.usd
    target = aws { region = "eu-central-1" }
    val etl = cluster("etl") {
        logs = s3("s3://bucket/logs/")
        instances {
            primary("m6g.xlarge")
            core("m6g.2xlarge", count = 2)
            task("r5.xlarge", count = 2) { spot { maxPricePerHour = "0.1" } }
        }
        managedScaling { minimum = 2; maximum = 8 }
    }
    val small = cluster("small") {
        logs = s3("s3://bucket/logs/")
        instances { primary("x9.xlarge") }
    }
    val load = etl.step("load") { bash("true") }
    small.step("check") { bash("true"); after(load) }
}
