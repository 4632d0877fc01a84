pipeline("p") {
    val c = cluster("c") {
        managedScaling { minimum = 8; maximum = 4; unit = ScalingUnit.InstanceFleetUnits }
        customAmi = "my-image"
        scaleDownBehavior = ScaleDownBehavior("TERMINATE_AT_TASK_COMPLETON")
        instances {
            primary("m6g.xlarge")
            core("m6g.xlarge") { spot { maxPercentOfOnDemand = 60 } }
        }
    }
    val d = cluster("d") {
        instances {
            primary("m6g.xlarge")
            coreFleet(onDemand = 0) {
                type("m6g.xlarge")
                type("m6g.xlarge")
            }
        }
    }
    c.step("s") { sparkSubmit("s3://my-bucket/x.py") { args("", "s3:/my-bucket/in") } }
    d.step("t") { bash("date") }
}
