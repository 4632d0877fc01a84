pipeline("p") {
    val c = cluster("etl") {
        logUri = "s3://logs-bucket/"
        release_label = "emr-7.8.0"
        jobFlowRole = "EMR_EC2_DefaultRole"
        ec2KeyName = "mine"
        Ec2SubnetId = "subnet-1"
        keepJobFlowAliveWhenNoSteps = false
        visibleToAllUsers = true
        instanceGroups { }
        bootstrapActions { }
        hadoopVersion = "3"
        step_concurrency = 4
        job_flow_overrides = 1
        subnets = listOf("subnet-1")
        lgs = "s3://logs-bucket/"
    }
    c.step("s") {
        actionOnFailure = "CONTINUE"
        spark_submit("s3://my-bucket/x.py")
        depends_on = "x"
    }
}
