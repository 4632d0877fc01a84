package dev.emrys.cost

import com.google.common.collect.ImmutableList
import com.google.common.collect.ImmutableSet
import dev.emrys.spec.AutoScaling
import dev.emrys.spec.ClusterOperation
import dev.emrys.spec.ClusterOptions
import dev.emrys.spec.ClusterSpec
import dev.emrys.spec.EbsVolume
import dev.emrys.spec.FleetSize
import dev.emrys.spec.FleetType
import dev.emrys.spec.GroupOptions
import dev.emrys.spec.GroupSize
import dev.emrys.spec.InstanceFleet
import dev.emrys.spec.InstanceGroup
import dev.emrys.spec.InstanceRole
import dev.emrys.spec.InstanceRole.CORE
import dev.emrys.spec.InstanceRole.PRIMARY
import dev.emrys.spec.InstanceRole.TASK
import dev.emrys.spec.InstanceSetup
import dev.emrys.spec.ManagedScaling
import dev.emrys.spec.RetryCapacity
import dev.emrys.spec.SourceLocation
import dev.emrys.spec.SpotMarket
import dev.emrys.testing.group
import dev.emrys.testing.operation
import dev.emrys.testing.pipeline
import dev.emrys.testing.withRetryCapacities
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import java.time.Duration

class ClusterRatesTest :
    FunSpec({
        val table =
            PriceTable.read(
                """{"date": "2026-01-01", "region": "test", "families": {"a6": 1.0, "b6": 2.0}, "ebs": {"gp3": 0.73}}"""
            )
        val rates = ClusterRates(table)
        // With EMR's quarter an a6.xlarge costs 1.25, a b6.xlarge 2.5.
        val primary = group(PRIMARY, "a6.xlarge", 1)

        fun HourlyRate.shouldCost(low: Double, high: Double = low) {
            low() shouldBe (low plusOrMinus 1e-9)
            high() shouldBe (high plusOrMinus 1e-9)
        }

        fun cluster(
            name: String,
            groups: List<InstanceGroup> = listOf(),
            options: ClusterOptions? = null,
        ) =
            dev.emrys.testing.cluster(name, groups = groups).run {
                ClusterSpec(
                    name,
                    releaseLabel,
                    applications,
                    instanceGroups,
                    configurations,
                    tags,
                    logUri,
                    stepConcurrency,
                    idleTimeout,
                    serviceRole,
                    jobFlowRole,
                    subnetId,
                    keyName,
                    bootstrapActions,
                    retry,
                    rawRequest,
                    location,
                    options,
                )
            }

        fun resize(role: InstanceRole?, count: Int, group: String? = null) =
            ClusterOperation.Resize(
                ImmutableList.of(GroupSize(role, group, count)),
                ImmutableList.of(),
            )

        fun rate(vararg groups: InstanceGroup, options: ClusterOptions? = null) =
            rates.of(cluster("etl", groups.toList(), options))

        fun fleet(role: InstanceRole, onDemand: Int, spot: Int, vararg types: FleetType) =
            InstanceFleet(
                role,
                null,
                onDemand,
                spot,
                ImmutableList.copyOf(types),
                null,
                null,
                null,
                null,
                null,
                SourceLocation.UNKNOWN,
            )

        fun type(
            name: String,
            weight: Int? = null,
            price: String? = null,
            percent: Double? = null,
        ) = FleetType(name, weight, null, price, percent, null)

        fun options(scaling: ManagedScaling?, vararg fleets: InstanceFleet) =
            ClusterOptions(
                ImmutableList.copyOf(fleets),
                scaling,
                null,
                null,
                null,
                null,
                ImmutableList.of(),
                null,
                ImmutableList.of(),
            )

        fun scaling(unit: String?, minimum: Int, maximum: Int) =
            ManagedScaling(
                unit,
                minimum,
                maximum,
                null,
                null,
                null,
                null,
                SourceLocation.UNKNOWN,
            )

        test("the instances of all groups are summed") {
            rate(primary, group(CORE, "b6.2xlarge", 3)).shouldCost(1.25 + 3 * 5.0)
        }

        test("a Spot instance costs at most its highest price, and EMR's part in full") {
            rate(primary, group(CORE, "b6.xlarge", 2, SpotMarket("0.6"))).shouldCost(1.25 + 2 * 1.1)
            rate(primary, group(CORE, "b6.xlarge", 2, SpotMarket("9.0"))).shouldCost(1.25 + 2 * 2.5)
            rate(primary, group(CORE, "b6.xlarge", 2, SpotMarket(null))).shouldCost(1.25 + 2 * 2.5)
        }

        test("what later attempts to start the cluster may take counts, too") {
            val other =
                RetryCapacity(
                    ImmutableList.of(primary, group(CORE, "b6.2xlarge", 3)),
                    ImmutableList.of(),
                    null,
                    ImmutableList.of(),
                    ImmutableList.of(),
                    SourceLocation.UNKNOWN,
                )
            val cluster = cluster("etl", groups = listOf(primary)).withRetryCapacities(other)
            rates.of(pipeline(listOf(cluster), listOf()), cluster).shouldCost(1.25, 1.25 + 3 * 5.0)
        }

        test("volumes count by the month") {
            val volumes =
                InstanceSetup(
                    ImmutableList.of(EbsVolume("gp3", 1000, 2, null, null)),
                    null,
                    null,
                    ImmutableList.of(),
                )
            val core =
                InstanceGroup(
                    CORE,
                    "a6.xlarge",
                    1,
                    null,
                    SourceLocation.UNKNOWN,
                    GroupOptions(null, volumes, null),
                )
            rate(primary, core).shouldCost(1.25 + 1.25 + 2.0)
        }

        test(
            "managed scaling gives a range between its limits, at the cheapest and the dearest type"
        ) {
            rate(
                    primary,
                    group(CORE, "a6.xlarge", 2),
                    group(TASK, "b6.xlarge", 1),
                    options = options(scaling(null, 2, 10)),
                )
                .shouldCost(1.25 + 2 * 1.25, 1.25 + 10 * 2.5)
        }

        test("managed scaling in processors counts four for an xlarge") {
            rate(
                    primary,
                    group(CORE, "a6.2xlarge", 2),
                    options = options(scaling("VCPU", 16, 32)),
                )
                .shouldCost(1.25 + 5.0, 1.25 + 10.0)
        }

        test("automatic scaling gives the range of its group") {
            val task =
                InstanceGroup(
                    TASK,
                    "a6.xlarge",
                    2,
                    null,
                    SourceLocation.UNKNOWN,
                    GroupOptions(null, null, AutoScaling(0, 4, ImmutableList.of())),
                )
            rate(primary, task).shouldCost(1.25, 1.25 + 4 * 1.25)
        }

        test(
            "a unit of a fleet costs the share of its weight, of the cheapest type or the dearest"
        ) {
            rate(
                    options =
                        options(
                            null,
                            fleet(PRIMARY, 1, 0, type("a6.xlarge")),
                            fleet(CORE, 4, 8, type("a6.2xlarge", 2), type("b6.xlarge", 1)),
                        )
                )
                .shouldCost(1.25 + 12 * 1.25, 1.25 + 12 * 2.5)
            rate(
                    options =
                        options(
                            null,
                            fleet(PRIMARY, 1, 0, type("a6.xlarge")),
                            fleet(CORE, 0, 2, type("b6.xlarge", percent = 50.0)),
                        )
                )
                .shouldCost(1.25 + 2 * 1.5)
        }

        test("managed scaling of fleets counts their units") {
            rate(
                    options =
                        options(
                            scaling(null, 1, 6),
                            fleet(PRIMARY, 1, 0, type("a6.xlarge")),
                            fleet(CORE, 2, 0, type("a6.2xlarge", 2)),
                        )
                )
                .shouldCost(1.25 + 1.25, 1.25 + 6 * 1.25)
        }

        test("the sizes that operations give a cluster are counted") {
            val etl =
                cluster(
                    "etl",
                    groups =
                        listOf(primary, group(CORE, "a6.xlarge", 2), group(TASK, "b6.xlarge", 1)),
                )
            fun rateWith(vararg operations: ClusterOperation) =
                rates.of(
                    pipeline(
                        listOf(etl),
                        operations.mapIndexed { i, it -> operation("op$i", what = it) } +
                            operation("other", what = resize(CORE, 500), cluster = "other"),
                    ),
                    etl,
                )
            rateWith().shouldCost(1.25 * 3 + 2.5)
            rateWith(resize(CORE, 10), resize(TASK, 0)).shouldCost(1.25 * 3, 1.25 * 11 + 2.5)
            rateWith(resize(null, 4, "Task")).shouldCost(1.25 * 3 + 2.5, 1.25 * 3 + 4 * 2.5)
            rateWith(ClusterOperation.ScalingLimits(scaling(null, 1, 20)))
                .shouldCost(1.25 * 2, 1.25 + 20 * 2.5)
        }

        test("the capacity that operations give a fleet is counted") {
            val etl =
                cluster(
                    "etl",
                    options =
                        options(
                            null,
                            fleet(PRIMARY, 1, 0, type("a6.xlarge")),
                            fleet(CORE, 2, 1, type("a6.xlarge", 1)),
                        ),
                )
            val grow =
                ClusterOperation.Resize(
                    ImmutableList.of(),
                    ImmutableList.of(FleetSize(CORE, 6, null), FleetSize(TASK, 50, 50)),
                )
            val spec = pipeline(listOf(etl), listOf(operation("grow", what = grow)))
            rates.of(spec, etl).shouldCost(1.25 + 3 * 1.25, 1.25 + 7 * 1.25)
        }

        test("a type without a price is named and not counted") {
            val rate = rate(primary, group(CORE, "n9.xlarge", 3))
            rate.shouldCost(1.25)
            rate.unpriced() shouldBe ImmutableSet.of("n9.xlarge")
        }

        test("a cluster is charged for a minute at least, then by the second") {
            val hour = HourlyRate(36.0, 72.0, ImmutableSet.of())
            Cost.of(hour, Duration.ofSeconds(5)) shouldBe Cost(0.6, 1.2)
            Cost.of(hour, Duration.ofSeconds(100)) shouldBe Cost(1.0, 2.0)
            Cost(1.0, 2.0).plus(Cost(0.5, 0.5)) shouldBe Cost(1.5, 2.5)
        }
    })
