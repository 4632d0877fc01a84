package dev.emrys.spec

import com.google.common.collect.ImmutableList
import com.google.common.collect.ImmutableMap
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe

private val SPOT = InstanceGroup(InstanceRole.CORE, "m6g.xlarge", 2, SpotMarket(null), at(5))
private val ON_DEMAND = InstanceGroup(InstanceRole.CORE, "m5.xlarge", 2, null, at(8))

private fun capacity(
    groups: List<InstanceGroup> = listOf(),
    fleets: List<InstanceFleet> = listOf(),
    subnet: String? = null,
    zones: List<String> = listOf(),
) =
    RetryCapacity(
        ImmutableList.copyOf(groups),
        ImmutableList.copyOf(fleets),
        subnet,
        ImmutableList.of(),
        ImmutableList.copyOf(zones),
        at(7),
    )

private val OTHER_TYPE = capacity(listOf(group(), ON_DEMAND))
private val OTHER_ZONE = capacity(zones = listOf("eu-central-1b"))

private fun retried(
    vararg capacities: RetryCapacity,
    attempts: Int = 4,
    groups: List<InstanceGroup> = listOf(group(), SPOT),
    network: NetworkOptions? = null,
): ClusterSpec =
    cluster(
            groups = groups,
            subnet = if (network == null) "subnet-1a" else null,
            retry = RetryPolicy(attempts, Backoff.DEFAULT, RetryPolicy.RETRYABLE),
        )
        .with(
            ClusterOptions(
                ImmutableList.of(),
                null,
                network,
                null,
                null,
                null,
                ImmutableList.of(),
                null,
                ImmutableList.copyOf(capacities),
            )
        )

private fun problems(cluster: ClusterSpec) =
    pipeline(clusters = listOf(cluster)).check().all().map {
        it.code() to it.location().line()
    }

class RetryCapacityTest :
    FunSpec({
        test("each attempt takes its own capacity, and all later ones take the last") {
            val cluster = retried(OTHER_TYPE, OTHER_ZONE)
            cluster.forAttempt(1) shouldBe cluster
            cluster.forAttempt(0) shouldBe cluster
            cluster.forAttempt(2).instanceGroups() shouldContainExactly listOf(group(), ON_DEMAND)
            cluster.forAttempt(2).subnetId() shouldBe "subnet-1a"
            cluster.forAttempt(3).instanceGroups() shouldContainExactly listOf(group(), SPOT)
            cluster
                .forAttempt(3)
                .optionsOrNone()
                .network()!!
                .availabilityZones() shouldContainExactly listOf("eu-central-1b")
            cluster.forAttempt(99) shouldBe cluster.forAttempt(3)
            cluster.ofAllAttempts().size shouldBe 3
        }

        test("another place replaces the subnet and the zones, and keeps the security groups") {
            retried(OTHER_ZONE).forAttempt(2).subnetId() shouldBe null
            val network =
                NetworkOptions(
                    ImmutableList.of(),
                    ImmutableList.of("eu-central-1a"),
                    "sg-1",
                    "sg-2",
                    null,
                    ImmutableList.of(),
                    ImmutableList.of(),
                )
            val moved = retried(capacity(subnet = "subnet-2b"), network = network).forAttempt(2)
            moved.subnetId() shouldBe "subnet-2b"
            moved.optionsOrNone().network()!!.availabilityZones().shouldBeEmpty()
            moved.optionsOrNone().network()!!.primarySecurityGroup() shouldBe "sg-1"
        }

        test("a cluster without another capacity is the same for each attempt") {
            val cluster = cluster()
            cluster.forAttempt(2) shouldBe cluster
            cluster.ofAllAttempts() shouldContainExactly listOf(cluster)
        }

        test(
            "what an attempt would take is checked as the cluster is, at the line of the mistake"
        ) {
            problems(retried(OTHER_TYPE, OTHER_ZONE)).shouldBeEmpty()
            problems(retried(capacity(listOf(ON_DEMAND)))) shouldContainExactly
                listOf(ClusterCode.PRIMARY_GROUPS to 2)
            val none = InstanceGroup(InstanceRole.PRIMARY, "m6g.xlarge", 0, null, at(9))
            problems(retried(capacity(listOf(none)))).map { it.second } shouldContainExactly
                listOf(9)
        }

        test("a mistake of the cluster itself is told once") {
            val bad = InstanceGroup(InstanceRole.CORE, "m6g.xlarge", 0, null, at(5))
            problems(retried(OTHER_ZONE, groups = listOf(group(), bad))).map {
                it.second
            } shouldContainExactly listOf(5)
        }

        test("a block that names nothing is a mistake") {
            problems(retried(capacity())) shouldContainExactly
                listOf(PipelineCode.RETRY_CAPACITY_EMPTY to 7)
        }

        test("it is read as it was stored, and its secrets are known and filled in") {
            val secret =
                Configuration(
                    "yarn-site",
                    ImmutableMap.of("p", "\${secret:yarn}"),
                    ImmutableList.of(),
                )
            val setup = InstanceSetup(ImmutableList.of(), null, null, ImmutableList.of(secret))
            val core =
                InstanceGroup(
                    InstanceRole.CORE,
                    "m5.xlarge",
                    2,
                    null,
                    at(9),
                    GroupOptions(null, setup, null),
                )
            val spec =
                pipeline(clusters = listOf(retried(capacity(listOf(group(), core)), OTHER_ZONE)))
            SpecJson.read(SpecJson.write(spec)) shouldBe spec
            spec.secrets() shouldContainExactly setOf("yarn")
            val filled = spec.clusters().single().withTexts { it.replace("\${secret:yarn}", "x") }
            filled.forAttempt(2).filled() shouldContainExactly listOf("x")
        }
    })
