package dev.emrys.cli

import com.google.common.graph.GraphBuilder
import com.google.common.graph.Graphs
import dev.emrys.schedule.AfterSuccess
import dev.emrys.scheduler.ServedSchedule

/** Pipelines that start each other again and again, by [AfterSuccess]. */
internal object TriggerCycles {
    /** The pipelines of each cycle, by name. */
    fun of(schedules: List<ServedSchedule>): List<List<String>> {
        val graph = GraphBuilder.directed().allowsSelfLoops(true).build<String>()
        for (schedule in schedules) {
            val timing = schedule.fires().schedule().timing()
            if (timing is AfterSuccess) graph.putEdge(timing.pipeline(), schedule.pipeline())
        }
        return graph
            .nodes()
            .map { node ->
                val after = Graphs.reachableNodes(graph, node)
                graph.nodes().filter { other ->
                    other in after && node in Graphs.reachableNodes(graph, other)
                }
            }
            .filter { it.size > 1 }
            .map { it.sorted() }
            .distinct()
    }
}
