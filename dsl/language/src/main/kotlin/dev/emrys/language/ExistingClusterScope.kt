package dev.emrys.language

import com.google.common.collect.Sets
import dev.emrys.spec.ExistingCluster
import dev.emrys.spec.RetryPolicy
import dev.emrys.spec.SourceLocation

/** A state in which a cluster on EMR takes steps, or will: for [ExistingClusterScope.states]. */
public enum class ClusterState(internal val state: ExistingCluster.State) {
    /** EMR has begun to start it. */
    Starting(ExistingCluster.State.STARTING),

    /** Its bootstrap actions run. */
    Bootstrapping(ExistingCluster.State.BOOTSTRAPPING),

    /** It runs a step. */
    Running(ExistingCluster.State.RUNNING),

    /** It is up and has no step to run. */
    Waiting(ExistingCluster.State.WAITING),
}

/**
 * The block of a cluster that is there already. It is named by [id], or by [clusterName] and
 * [states].
 */
@EmrysDsl
public class ExistingClusterScope
internal constructor(
    private val script: Script,
    private val name: String,
    private val location: SourceLocation,
) {
    private var states: List<ClusterState> = emptyList()
    private var retry: RetryPolicy = RetryPolicy.NONE

    /**
     * The id of the cluster on EMR: `id = "j-2AXXXXXXGAPLF"`. Default: null, it is found by its
     * name. EMR: `ClusterId`, DescribeCluster.
     */
    public var id: String? = null

    /**
     * The whole name of the cluster on EMR, which exactly one cluster in one of [states] must have;
     * upper and lower case differ. Default: the name that `existingCluster(…)` is given. EMR:
     * `Name`, ListClusters.
     */
    public var clusterName: String? = null

    /**
     * In which states it is looked for by its name. Default: [ClusterState.Waiting] and
     * [ClusterState.Running]. One that starts is waited for. EMR: `ClusterStates`, ListClusters.
     */
    public fun states(vararg states: ClusterState) {
        this.states += states
    }

    /**
     * How often to look for it when there is none of this name, and after it has ended while its
     * tasks still need it. Default: once. A failure of it is [Failure.ClusterLost]; an id that EMR
     * does not know, and a name that several clusters have, are never tried again. See
     * [RetryScope].
     *
     * @param attempts all attempts together, the first included
     */
    public fun retry(
        attempts: Int = RetryScope.DEFAULT_ATTEMPTS,
        block: RetryScope.() -> Unit = {},
    ) {
        retry = RetryScope(script, attempts).apply(block).build()
    }

    internal fun build(): ExistingCluster {
        val byName = id == null
        val wanted =
            if (states.isEmpty() && byName) listOf(ClusterState.Waiting, ClusterState.Running)
            else states
        return ExistingCluster(
            name,
            id,
            if (byName) clusterName ?: name else clusterName,
            Sets.immutableEnumSet(wanted.map { it.state }),
            retry,
            location,
        )
    }
}
