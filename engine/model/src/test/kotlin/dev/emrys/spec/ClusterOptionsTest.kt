package dev.emrys.spec

import com.fasterxml.jackson.databind.ObjectMapper
import com.google.common.collect.ImmutableList
import com.google.common.collect.ImmutableMap
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import java.time.Duration

private val FLEET_TYPE = FleetType("m6g.xlarge", null, null, null, null, null)

private fun fleet(
    role: InstanceRole = InstanceRole.PRIMARY,
    onDemand: Int = 1,
    spot: Int = 0,
    types: List<FleetType> = listOf(FLEET_TYPE),
    spotLaunch: SpotLaunch? = null,
    line: Int = 4,
) =
    InstanceFleet(
        role,
        null,
        onDemand,
        spot,
        ImmutableList.copyOf(types),
        null,
        spotLaunch,
        null,
        null,
        null,
        at(line),
    )

private fun options(
    fleets: List<InstanceFleet> = listOf(),
    scaling: ManagedScaling? = null,
    network: NetworkOptions? = null,
    image: ImageOptions? = null,
    security: SecurityOptions? = null,
    lifecycle: LifecycleOptions? = null,
) =
    ClusterOptions(
        ImmutableList.copyOf(fleets),
        scaling,
        network,
        image,
        security,
        lifecycle,
        ImmutableList.of(),
        null,
        ImmutableList.of(),
    )

private fun withOptions(
    options: ClusterOptions?,
    groups: List<InstanceGroup> = listOf(group()),
    release: String = "emr-7.8.0",
    subnet: String? = null,
): ClusterSpec = cluster(groups = groups, release = release, subnet = subnet).with(options)

private fun messages(cluster: ClusterSpec): List<String> =
    pipeline(clusters = listOf(cluster)).check().all().map {
        "${it.location().line()} ${it.what()} ${it.advice()}".trim()
    }

private fun scaling(
    unit: String? = null,
    minimum: Int = 2,
    maximum: Int = 20,
    onDemand: Int? = null,
    core: Int? = null,
    strategy: String? = null,
    index: Int? = null,
) = ManagedScaling(unit, minimum, maximum, onDemand, core, strategy, index, at(7))

private fun withGroup(options: GroupOptions, lifecycle: LifecycleOptions? = null): ClusterSpec =
    withOptions(
        lifecycle?.let { options(lifecycle = it) },
        listOf(
            group(),
            InstanceGroup(InstanceRole.CORE, "m6g.xlarge", 2, null, at(9), options),
        ),
    )

private fun setup(vararg volumes: EbsVolume, ami: String? = null) =
    InstanceSetup(ImmutableList.copyOf(volumes), null, ami, ImmutableList.of())

private const val SCALING_ROLE = "EMR_AutoScaling_DefaultRole"

private fun rules(vararg rules: ScalingRule) =
    GroupOptions(null, null, AutoScaling(1, 10, ImmutableList.copyOf(rules)))

private val ALARM =
    ScalingAlarm(
        "YARNMemoryAvailablePercentage",
        "LESS_THAN",
        15.0,
        Duration.ofMinutes(5),
        null,
        null,
        null,
        null,
        ImmutableMap.of(),
    )

private val ROLE = LifecycleOptions(SCALING_ROLE, null, null, null, null, null, null)

/** What is wrong, and the message with the line. */
private val MISTAKES: List<Pair<ClusterSpec, String>> =
    listOf(
        withOptions(options(listOf(fleet()))) to
            "3 The cluster \"etl\" has instance groups and instance fleets. EMR takes one of the two forms for a " +
                "whole cluster. Write primary, core and task, or primaryFleet, coreFleet and taskFleet.",
        withOptions(
            options(listOf(fleet(), fleet(InstanceRole.CORE), fleet(InstanceRole.CORE))),
            listOf(),
        ) to
            "2 The cluster \"etl\" has 2 core fleets. EMR takes one fleet per role, and needs the primary one. " +
                "Write one fleet with all types of the role, such as " +
                "coreFleet { type(\"m6g.xlarge\"); type(\"m5.xlarge\") }.",
        withOptions(options(listOf(fleet(InstanceRole.CORE))), listOf()) to
            "2 The cluster \"etl\" has no primary fleets. EMR takes one fleet per role, and needs the primary one. " +
                "Write one fleet with all types of the role, such as " +
                "primaryFleet { type(\"m6g.xlarge\"); type(\"m5.xlarge\") }.",
        withOptions(options(listOf(fleet(), fleet(InstanceRole.TASK))), listOf()) to
            "2 The cluster \"etl\" has task nodes and no core nodes. Clusters with task nodes must also define " +
                "core nodes. Add core(\"m6g.xlarge\").",
        withOptions(options(listOf(fleet(spot = 1))), listOf()) to
            "4 The primary fleet has a capacity of 1 on-demand and 1 Spot units. " +
                "Write primaryFleet { … } for one on-demand instance, or primaryFleet(spot = 1) { … }.",
        withOptions(options(listOf(fleet(), fleet(InstanceRole.CORE, 0, line = 6))), listOf()) to
            "6 The core fleet has a capacity of 0 on-demand and 0 Spot units. " +
                "Write at least one unit, such as coreFleet(onDemand = 2, spot = 6) { … }.",
        withOptions(options(listOf(fleet(types = listOf(FLEET_TYPE, FLEET_TYPE)))), listOf()) to
            "4 The primary fleet has the instance type m6g.xlarge twice. Remove one, or add its weight to the other.",
        withOptions(options(listOf(fleet(types = listOf()))), listOf()) to
            "4 The primary fleet has 0 instance types. EMR takes 5, or 30 with an allocation strategy. " +
                "Write 1 to 5 times type(\"…\").",
        withOptions(
            options(
                listOf(fleet(types = listOf(FleetType("m6g.xlarge", 1, null, "0.1", 80.0, null))))
            ),
            listOf(),
        ) to
            "4 There are both maxPricePerHour and maxPercentOfOnDemand for m6g.xlarge in the primary fleet. " +
                "EMR takes one of the two. Remove one of the two.",
        withOptions(
            options(
                listOf(
                    fleet(
                        spotLaunch =
                            SpotLaunch(null, Duration.ofSeconds(330), "SWITCH_TO_ON_DEMAND")
                    )
                )
            ),
            listOf(),
        ) to
            "4 timeout of spotLaunch of the primary fleet is 330 s. EMR takes 5 to 1440 whole minutes.",
        withOptions(options(scaling = scaling(minimum = 8, maximum = 4))) to
            "7 minimum = 8 of managedScaling is greater than maximum = 4. Raise maximum, or lower minimum.",
        withOptions(options(scaling = scaling(core = 21))) to
            "7 maximumCore = 21 of managedScaling is greater than maximum = 20. Raise maximum, or lower maximumCore.",
        withOptions(options(scaling = scaling(onDemand = -1))) to
            "7 maximumOnDemand of managedScaling is -1. EMR takes 0 or more.",
        withOptions(options(scaling = scaling(unit = "InstanceFleetUnits"))) to
            "7 The unit InstanceFleetUnits of managedScaling does not fit a cluster of instance groups. " +
                "Write ScalingUnit.Instances or ScalingUnit.Vcpu, or leave it out.",
        withOptions(options(scaling = scaling(index = 50))) to
            "7 There is utilizationPerformanceIndex in managedScaling, but no advanced strategy. " +
                "Write strategy = ScalingStrategy.Advanced, or remove it.",
        withOptions(options(scaling = scaling()), release = "emr-6.0.0") to
            "7 The cluster \"etl\" has managed scaling and the release label emr-6.0.0. EMR has managed scaling " +
                "from emr-5.30.0 on, but not in emr-6.0.0. Use a newer release label, or remove managedScaling.",
        withOptions(options(image = ImageOptions("my-image", null, null, null, null, null))) to
            "2 customAmi of the cluster \"etl\" is \"my-image\". Write the id of an image, such as \"ami-0a1b2c3d\".",
        withOptions(options(image = ImageOptions(null, null, null, 5, null, null))) to
            "2 size of rootVolume of the cluster \"etl\" is 5. EMR takes 10 to 16384.",
        withOptions(options(image = ImageOptions(null, "\${run:name}", null, null, null, null))) to
            "2 osRelease of the cluster \"etl\" contains the placeholder \${run:name}. Nothing is filled in there. " +
                "Write the value; one from outside is a param(…).",
        withOptions(options(security = SecurityOptions(" ", null, null))) to
            "2 securityConfiguration of the cluster \"etl\" has 0 characters. " +
                "EMR takes 1 to 10280; leave it out for none.",
        withOptions(
            options(
                security = SecurityOptions("s", Kerberos("R", "hunter2", null, null, null), null)
            )
        ) to
            "2 A password of kerberos of the cluster \"etl\" is a plain text. Everybody who can read the journal " +
                "or the plan could read it. Write secret(\"…\").",
        withOptions(
            options(
                network =
                    NetworkOptions(
                        ImmutableList.of("subnet-1", "subnet-2"),
                        ImmutableList.of(),
                        null,
                        null,
                        null,
                        ImmutableList.of(),
                        ImmutableList.of(),
                    )
            )
        ) to
            "2 There is subnets(…) in the cluster \"etl\", but no instance fleet. EMR chooses between subnets only " +
                "for instance fleets: write subnet = \"…\", or use fleets.",
        withGroup(GroupOptions(null, setup(EbsVolume("gp3", 0, null, null, null)), null)) to
            "9 size of volume(…) of the core group is 0. EMR takes 1 to 65536.",
        withGroup(GroupOptions("\${run:name}", null, null)) to
            "9 name of the core group contains the placeholder \${run:name}. Nothing is filled in there. " +
                "Write the value; one from outside is a param(…).",
        withGroup(rules(ScalingRule("r", null, "EXACT_CAPACITY", 2, null, ALARM))) to
            "2 There is autoScaling { } in the cluster \"etl\", but no role for it. " +
                "Add autoScalingRole = \"EMR_AutoScaling_DefaultRole\".",
        withGroup(rules(), ROLE) to
            "9 There is autoScaling in the core group, but no rule. Add rule(\"…\") { … }.",
        withGroup(rules(ScalingRule("r", null, null, 0, null, ALARM)), ROLE) to
            "9 There is rule(\"r\") in the core group, but no change of its size. " +
                "Add adjustBy(…), adjustByPercent(…) or adjustTo(…).",
    )

class ClusterOptionsTest :
    FunSpec({
        for ((cluster, message) in MISTAKES) {
            test("the mistake is found: ${message.substringBefore('.').replace("\"", "")}") {
                messages(cluster) shouldContainExactly listOf(message)
            }
        }

        test("a fleet with a strategy may have thirty types, one without it five") {
            val types = List(30) { FleetType("m6g.${it + 1}xlarge", null, null, null, null, null) }
            val launch = SpotLaunch("diversified", Duration.ofMinutes(5), "TERMINATE_CLUSTER")
            fun of(count: Int, spotLaunch: SpotLaunch?) =
                messages(
                        withOptions(
                            options(
                                listOf(fleet(types = types.take(count), spotLaunch = spotLaunch))
                            ),
                            listOf(),
                        )
                    )
                    .size
            of(30, launch) shouldBe 0
            of(5, null) shouldBe 0
            of(6, null) shouldBe 1
        }

        test("a cluster that is kept needs no step, and an idle timeout that EMR knows") {
            val kept =
                options(lifecycle = LifecycleOptions(null, null, null, null, null, null, true))
            fun codes(cluster: ClusterSpec) =
                pipeline(clusters = listOf(cluster), steps = listOf()).check().all().map {
                    it.code()
                }
            codes(withOptions(kept)).shouldBeEmpty()
            codes(withOptions(null)) shouldContainExactly listOf(ClusterCode.CLUSTER_WITHOUT_STEPS)
            codes(withOptions(kept, release = "emr-5.29.0")) shouldContainExactly
                listOf(PipelineCode.KEPT_WITHOUT_IDLE_TIMEOUT)
            codes(withOptions(kept, release = "emr-5.30.0")).shouldBeEmpty()
        }

        test("the unit of managed scaling is that of the instances when it is not said") {
            scaling().unitFor(false) shouldBe "Instances"
            scaling().unitFor(true) shouldBe "InstanceFleetUnits"
            scaling(unit = "VCPU").unitFor(false) shouldBe "VCPU"
        }

        test("a cluster without options is stored as before they existed") {
            val stored =
                ObjectMapper().readTree(SpecJson.write(pipeline()))["pipeline"]["clusters"][0]
            stored.has("options") shouldBe false
            stored["instanceGroups"][0].has("options") shouldBe false
        }

        test("of options only what was said is stored, and it is read as it was written") {
            val fleets = options(listOf(fleet()), scaling(), lifecycle = ROLE)
            val spec = pipeline(clusters = listOf(withOptions(fleets, listOf())))
            val text = SpecJson.write(spec)
            SpecJson.read(text) shouldBe spec
            val stored = ObjectMapper().readTree(text)["pipeline"]["clusters"][0]["options"]
            stored.fieldNames().asSequence().toList() shouldContainExactly
                listOf("instanceFleets", "managedScaling", "lifecycle")
            stored["instanceFleets"][0].fieldNames().asSequence().toList() shouldContainExactly
                listOf("role", "onDemandCapacity", "spotCapacity", "types", "location")
            "${stored["lifecycle"]}" shouldBe "{\"autoScalingRole\":\"$SCALING_ROLE\"}"
        }

        test("options of a released version are read for ever") {
            val text =
                checkNotNull(javaClass.getResource("/history/spec-v3-options.json")).readText()
            val spec = SpecJson.read(text)
            spec.check().all().shouldBeEmpty()
            spec.clusters()[0].options()!!.instanceFleets()[1].types()[0] shouldBe
                FleetType("m6g.2xlarge", 2, null, null, 80.0, null)
            spec.clusters()[0].options()!!.managedScaling()!!.maximum() shouldBe 40
            spec
                .clusters()[1]
                .instanceGroups()[1]
                .options()!!
                .autoScaling()!!
                .rules()[0]
                .alarm() shouldBe ALARM
            spec.clusters()[1].instanceGroups()[0].options() shouldBe null
        }

        test("secrets of kerberos and of the configurations of a fleet are known and filled in") {
            val secret =
                Configuration(
                    "yarn-site",
                    ImmutableMap.of("p", "\${secret:yarn}"),
                    ImmutableList.of(),
                )
            val setup = InstanceSetup(ImmutableList.of(), null, null, ImmutableList.of(secret))
            val type = FleetType("m6g.xlarge", null, null, null, null, setup)
            val kerberos = Kerberos("R", "\${secret:kdc}", null, null, null)
            val cluster =
                withOptions(
                    options(
                        listOf(fleet(types = listOf(type))),
                        security = SecurityOptions("s", kerberos, null),
                    ),
                    listOf(),
                )
            pipeline(clusters = listOf(cluster)).run {
                check().all().shouldBeEmpty()
                secrets() shouldContainExactly setOf("yarn", "kdc")
            }
            val group = withGroup(GroupOptions(null, setup, null))
            pipeline(clusters = listOf(group)).secrets() shouldContainExactly setOf("yarn")
            group.withTexts { it.replace("\${secret:yarn}", "x") }.filled() shouldContainExactly
                listOf("x")
        }
    })
