pipeline("resizing") {
    val etl = cluster("etl") {
        instances {
            primary("m6g.xlarge")
            core("m6g.2xlarge", count = 2)
            task("m6g.2xlarge", count = 1)
        }
    }
    cluster("shared") {
        instances { primary("m6g.xlarge") }
        keepAfterRun = true
        idleTimeout = 4.hours
    }
    val prod = existingCluster("prod") { id = "j-2AXXXXXXGAPLF" }

    val load = etl.step("load") { bash("true") }
    val grow = etl.resize("grow") {
        core = 10
        task = 20
        timeout = 30.minutes
        retry(3) { on(Failure.Internal) }
        after(load)
    }
    val many = etl.changeStepConcurrency("many at once", to = 4) { after(load) }
    val join = etl.step("join") {
        bash("true")
        after(grow, many)
    }
    etl.resize("shrink") {
        task = 0
        after(join)
    }
    prod.changeManagedScaling("wider") { limits { minimum = 4; maximum = 40 } }
    prod.changeIdleTimeout("stay longer", to = 6.hours)
    prod.changeTerminationProtection("protect", on = true)
    prod.awaitStep("their load") { stepName = "load"; timeout = 2.hours }
    prod.cancelStep("stop the stream") { stepId = "s-3ABCDEFGHIJKL"; kill = true }
    val idle = prod.awaitIdle("nothing runs")
    prod.endCluster("done") { after(idle) }
    prod.resize("grow the fleet") { taskFleet(onDemand = 0, spot = 8) }
}
