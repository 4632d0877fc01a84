package dev.emrys.cli

import com.fasterxml.jackson.annotation.JsonInclude
import dev.emrys.emr.ClusterReaper.Ending
import dev.emrys.emr.LeasedCluster.Verdict
import java.time.Duration

/** What `emrys reap` has found and done, for people and for programs. */
internal class ReapReport(
    private val console: Console,
    private val choice: TargetChoice,
    private val margin: Duration,
    private val yes: Boolean,
) {
    /** @param command what to type to end what is overdue */
    fun print(clusters: List<ReapedCluster>, json: Boolean, command: String) {
        if (json) console.print(Json.reaped(ReapJson(choice.name, margin, !yes, clusters)))
        else table(clusters).forEach(console::print)
        console.status(summary(clusters, command))
    }

    private fun summary(clusters: List<ReapedCluster>, command: String): String {
        val ended = clusters.count { it.ended?.ending() == Ending.ACCEPTED }
        val overdue = clusters.count { it.verdict == Verdict.OVERDUE }
        return when {
            clusters.isEmpty() -> "No cluster of Emrys is up on the target ${choice.name}."
            yes -> "${Formats.count(ended, "cluster")} of ${clusters.size} ended."
            overdue == 0 -> "None of ${Formats.count(clusters.size, "cluster")} is left over."
            else ->
                "${Formats.count(overdue, "cluster")} of ${clusters.size} would be ended. Nothing was changed.\n" +
                    "    $command    ends what is left over"
        }
    }

    private fun table(clusters: List<ReapedCluster>): List<String> {
        if (clusters.isEmpty()) return emptyList()
        val rows = listOf(HEAD) + clusters.map(::row)
        val widths = HEAD.indices.map { column -> rows.maxOf { it[column].length } }
        return rows.map { row ->
            row.mapIndexed { column, text -> text.padEnd(widths[column]) }
                .joinToString("  ")
                .trimEnd()
        }
    }

    private fun row(reaped: ReapedCluster): List<String> {
        val cluster = reaped.cluster
        return listOf(
            cluster.id(),
            cluster.name().substringBeforeLast(" #"),
            cluster.run().runName().ifEmpty { cluster.run().run() },
            cluster.run().pipeline(),
            cluster.started()?.let(Formats::instant).orEmpty(),
            cluster.expiresAt()?.let(Formats::instant).orEmpty(),
            result(reaped),
        )
    }

    private fun result(reaped: ReapedCluster): String {
        val overdue = reaped.overdue ?: Duration.ZERO
        return when (reaped.verdict) {
            Verdict.OVERDUE -> ending(reaped, "overdue by ${Formats.duration(overdue)}")
            Verdict.PROTECTED -> "kept: protected from termination; --unprotect ends it, too"
            Verdict.DRIVEN -> "kept: a live process drives its run"
            Verdict.KEPT ->
                "kept: its pipeline has keepAfterRun; aws emr terminate-clusters ends it"
            Verdict.IN_MARGIN ->
                "kept: expired ${Formats.duration(overdue)} ago, within the margin of ${Formats.duration(margin)}"
            Verdict.LEASED -> "kept: leased for another ${Formats.duration(overdue.negated())}"
            Verdict.WITHOUT_EXPIRY -> "kept: no expiry, as of an older version of Emrys"
            Verdict.UNREADABLE_EXPIRY ->
                "kept: its tag emrys:expires-at cannot be read: ${reaped.cluster.expiry()}"
        }
    }

    private fun ending(reaped: ReapedCluster, overdue: String): String =
        when (reaped.ended?.ending()) {
            null -> "would be ended: $overdue"
            Ending.ACCEPTED -> "ended: $overdue"
            Ending.GONE -> "has ended meanwhile"
            Ending.RENEWED -> "kept: its lease was renewed meanwhile"
            Ending.PROTECTED -> "kept: it is protected from termination by now"
            Ending.REFUSED -> "not ended: ${reaped.ended.reason()}"
        }

    private companion object {
        val HEAD = listOf("CLUSTER", "NAME", "RUN", "PIPELINE", "STARTED", "EXPIRES", "RESULT")
    }
}

/** The document of `emrys reap --output json`. */
internal class ReapJson(
    val target: String,
    margin: Duration,
    val dryRun: Boolean,
    reaped: List<ReapedCluster>,
) {
    /** As ISO-8601 writes durations. */
    val margin: String = "$margin"
    val clusters: List<ClusterJson> = reaped.map(::ClusterJson)

    class ClusterJson(reaped: ReapedCluster) {
        val id: String = reaped.cluster.id()

        /** As on EMR. */
        val name: String = reaped.cluster.name()
        val state: String = reaped.cluster.state()

        /** Such as the account and the region. */
        @get:JsonInclude(JsonInclude.Include.NON_EMPTY)
        val targetSettings: Map<String, String> = reaped.target
        val run: String = reaped.cluster.run().run()
        val runName: String = reaped.cluster.run().runName()
        val pipeline: String = reaped.cluster.run().pipeline()
        val startedAt: String? = reaped.cluster.started()?.toString()
        val expiresAt: String? = reaped.cluster.expiresAt()?.toString()
        val verdict: String = reaped.verdict.name

        /** What became of it; null when EMR was asked for nothing. */
        val ending: String? = reaped.ended?.ending()?.name

        /** EMR's words for a refusal. */
        val reason: String? = reaped.ended?.reason()?.takeIf { it.isNotEmpty() }
    }
}
