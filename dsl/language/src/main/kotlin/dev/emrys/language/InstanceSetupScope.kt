package dev.emrys.language

import com.google.common.collect.ImmutableList
import dev.emrys.spec.Configuration
import dev.emrys.spec.EbsVolume
import dev.emrys.spec.InstanceSetup

/** What an instance group, and a type of an instance fleet, may say of its instances. */
@EmrysDsl
public abstract class InstanceSetupScope internal constructor(internal val script: Script) {
    private val volumes = ArrayList<EbsVolume>()
    private val configurations = ArrayList<Configuration>()

    /**
     * Whether the instances get bandwidth of their own for EBS. Default: that of the instance type.
     * EMR: `EbsConfiguration.EbsOptimized`.
     */
    public var ebsOptimized: Boolean? = null

    /**
     * The image that these instances boot from, such as `"ami-0a1b2c3d"`. Default: that of the
     * cluster, [ClusterOptionsScope.customAmi]. EMR: `CustomAmiId`, "Using a custom AMI".
     */
    public var customAmi: String? = null

    /**
     * EBS volumes that each instance gets, instead of those that EMR gives its type: `volume("gp3",
     * size = 200, count = 2)`. A second call adds to the first. EMR: `EbsConfiguration`, "Instance
     * storage options".
     *
     * @param type `"gp3"`, `"gp2"`, `"io1"`, `"st1"`, `"sc1"`, `"standard"`, or another
     * @param size of one volume, in GiB, at least 1
     * @param count volumes per instance, 1 to 25. Default: 1
     * @param iops input and output operations per second. Default: that of the type
     * @param throughput in MiB per second, for `"gp3"` only. Default: that of the type
     */
    public fun volume(
        type: String,
        size: Int,
        count: Int? = null,
        iops: Int? = null,
        throughput: Int? = null,
    ) {
        script.checkKnown("volume type", type, VOLUME_TYPES)
        volumes.add(EbsVolume(type, size, count, iops, throughput))
    }

    /**
     * Settings of an application for these instances, added to those of the cluster; as
     * [ClusterScope.configuration]. EMR: "Reconfigure an instance group in a running cluster".
     */
    public fun configuration(classification: String, block: ConfigurationScope.() -> Unit) {
        configurations.add(ConfigurationScope(script, classification).apply(block).build())
    }

    internal fun setup(): InstanceSetup? =
        InstanceSetup(
                ImmutableList.copyOf(volumes),
                ebsOptimized,
                customAmi,
                ImmutableList.copyOf(configurations),
            )
            .takeIf { it != InstanceSetup.NONE }

    private companion object {
        val VOLUME_TYPES = listOf("gp3", "gp2", "io1", "io2", "st1", "sc1", "standard")
    }
}

/** The block of Spot instances, of an instance group or of a type of an instance fleet. */
@EmrysDsl
public class SpotScope internal constructor() {
    /**
     * In US dollars for one instance hour, such as `"0.12"`. Default: the on-demand price. EMR:
     * `BidPrice`.
     */
    public var maxPricePerHour: String? = null

    /**
     * The highest price in percent of the on-demand price, such as `80`. Default: 100. For the
     * types of an instance fleet; a group takes only 100, which is EMR's default. EMR:
     * `BidPriceAsPercentageOfOnDemandPrice`.
     */
    public var maxPercentOfOnDemand: Number? = null
}
