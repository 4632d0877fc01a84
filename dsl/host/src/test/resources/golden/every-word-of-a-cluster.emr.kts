val shape = clusterShape {
    release = Release("emr-7.8.0")
    applications(Spark)
    logs = "s3://my-emr-logs/"
    tags("Owner" to "data-eng")
    configuration("spark-defaults") { set("spark.a", 1); set("spark.b", 2) }
    instances { primary("m5.xlarge") }
}

pipeline("everything") {
    val groups = cluster("groups", shape) {
        release = Release("emr-7.11.0")
        applications(Application("AmazonCloudWatchAgent"))
        configuration("spark-defaults") { set("spark.b", 3) }
        tags("Cost" to 7)
        subnet = "subnet-0a1b2c3d"
        keyName = "mine"
        autoScalingRole = "EMR_AutoScaling_DefaultRole"
        scaleDownBehavior = ScaleDownBehavior.AtTaskCompletion
        rootVolume(size = 50, iops = 4000, throughput = 200)
        osRelease = "2.0.20241031.0"
        terminationProtection = true
        keepAfterRun = true
        retry(3)
        onRetry {
            instances { primary("m5.xlarge", count = 3) }
            subnet = "subnet-4e5f6071"
        }
        unhealthyNodeReplacement = false
        extendedSupport = true
        additionalInfo = "{\"x\": 1}"
        logEncryptionKey = "arn:aws:kms:eu-central-1:123456789012:key/0a1b"
        placementGroups(primary = PlacementStrategy.Spread)
        securityGroups {
            primary = "sg-0a1b"
            core = "sg-0c1d"
            serviceAccess = "sg-0e1f"
            additionalPrimary("sg-1a", "sg-1b")
            additionalCore("sg-1c")
        }
        monitoring {
            cloudWatchLogs {
                group = "/emr/etl"
                streamPrefix = "daily"
                encryptionKey = "arn:aws:kms:eu-central-1:123456789012:key/2c3d"
                type("STEP_LOGS", "STDOUT", "STDERR")
            }
            s3Logs("system-logs" to "disabled")
        }
        instances {
            primary("m6g.xlarge", count = 3) { name = "leaders" }
            core("m6g.2xlarge", count = 2) {
                volume("gp3", size = 200, count = 2, iops = 4000, throughput = 250)
                volume("st1", size = 500)
                ebsOptimized = true
                customAmi = "ami-0a1b2c3d"
                configuration("yarn-site") { set("yarn.x", "core") }
                autoScaling(minimum = 2, maximum = 10) {
                    rule("more") {
                        description = "When memory is short"
                        adjustBy(2)
                        coolDown = 5.minutes
                        alarm("YARNMemoryAvailablePercentage", Comparison.LessThan, 15) {
                            evaluationPeriods = 2
                            namespace = "AWS/ElasticMapReduce"
                            statistic = Statistic.Average
                            unit = "PERCENT"
                            dimension("JobFlowId", "\${emr.clusterId}")
                        }
                    }
                    rule("fewer") {
                        adjustByPercent(-20)
                        alarm("YARNMemoryAvailablePercentage", Comparison.GreaterThan, 75.5)
                    }
                    rule("night") {
                        adjustTo(2)
                        alarm("AppsRunning", Comparison.LessThanOrEqual, 0) { period = 10.minutes }
                    }
                }
            }
            task("m6g.2xlarge", count = 8) { spot { maxPercentOfOnDemand = 100 } }
            task("r6g.2xlarge") { spot { maxPricePerHour = "0.12" } }
        }
    }
    groups.step("g") {
        bash("date")
        logs = "s3://my-step-logs/"
        logEncryptionKey = "arn:aws:kms:eu-central-1:123456789012:key/4e5f"
    }

    val fleets = cluster("fleets", shape) {
        subnets("subnet-0a1b2c3d", "subnet-4e5f6071")
        customAmi = "ami-0123abcd"
        repoUpgradeOnBoot = RepoUpgradeOnBoot.None
        securityConfiguration = "kerberized"
        kerberos {
            realm = "EC2.INTERNAL"
            kdcAdminPassword = secret("kdc")
            crossRealmTrustPassword = secret("realm")
            adDomainJoinUser = "joiner"
            adDomainJoinPassword = secret("ad")
        }
        managedScaling {
            minimum = 2
            maximum = 40
            maximumOnDemand = 10
            maximumCore = 8
            strategy = ScalingStrategy.Advanced
            utilizationPerformanceIndex = 75
        }
        instances {
            primaryFleet { type("m6g.xlarge"); type("m5.xlarge") }
            coreFleet(onDemand = 4, spot = 8) {
                name = "workers"
                context = "c"
                type("m6g.2xlarge", weight = 2, priority = 1) {
                    spot { maxPercentOfOnDemand = 80 }
                    volume("gp3", size = 100)
                    ebsOptimized = false
                    customAmi = "ami-0a1b2c3d"
                    configuration("yarn-site") { set("yarn.password", secret("yarn")) }
                }
                type("m6g.xlarge", priority = 2.5) { spot { maxPricePerHour = "0.1" } }
                onDemandLaunch {
                    strategy = AllocationStrategy.Prioritized
                    capacityReservations {
                        useFirst = true
                        preference = ReservationPreference.Open
                        resourceGroup = "arn:aws:resource-groups:eu-central-1:123456789012:group/mine"
                    }
                }
                spotLaunch {
                    strategy = AllocationStrategy.PriceCapacityOptimized
                    timeout = 20.minutes
                    onTimeout = TimeoutAction.TerminateCluster
                }
                onDemandResize {
                    strategy = AllocationStrategy.LowestPrice
                    timeout = 30.minutes
                    capacityReservations { preference = ReservationPreference.None }
                }
                spotResize { strategy = AllocationStrategy.CapacityOptimized; timeout = 15.minutes }
            }
            taskFleet(spot = 16) { type(InstanceType.R6gXlarge, weight = 4) }
        }
    }
    fleets.step("f") { bash("date") }

    val zoned = cluster("zoned", shape) {
        zones("eu-central-1a")
        managedScaling { unit = ScalingUnit.Vcpu; maximum = 64 }
        instances { primary("m6g.xlarge"); core("m6g.xlarge") }
    }
    zoned.step("z") { bash("date") }
}
