package dev.emrys.language

/**
 * What several clusters have in common; made by [ScriptScope.clusterShape], used by [cluster]. It
 * starts nothing by itself.
 */
public class ClusterShape internal constructor(internal val blocks: List<ClusterScope.() -> Unit>) {
    override fun toString(): String = "clusterShape"
}

/**
 * A cluster of a shape, with what differs from it.
 *
 * ```
 * val base = clusterShape {
 *     applications(Spark)
 *     tags("Owner" to "data-eng")
 *     instances { primary("m6g.xlarge"); core("m6g.2xlarge", count = 2) }
 * }
 * val etl = cluster("etl", base) { stepConcurrency = 4 }
 * val report = cluster("report", base)
 * ```
 *
 * What the block sets replaces what the shape sets, also its subnets and its zones; its
 * applications, bootstrap actions, tags and additional security groups are added; a property of a
 * configuration is set in that of the shape with the same classification; a block `instances { }`
 * replaces all instances of the shape.
 *
 * @param name unique within the pipeline
 */
public fun PipelineScope.cluster(
    name: String,
    shape: ClusterShape,
    block: ClusterScope.() -> Unit = {},
): ClusterHandle =
    cluster(name) {
        shape.blocks.forEach(::applyShape)
        block()
    }
