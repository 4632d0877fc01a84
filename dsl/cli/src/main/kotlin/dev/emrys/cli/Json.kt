package dev.emrys.cli

import com.fasterxml.jackson.databind.ObjectMapper
import com.fasterxml.jackson.databind.node.ArrayNode
import com.fasterxml.jackson.databind.node.ObjectNode
import dev.emrys.graph.Task
import dev.emrys.graph.TaskGraph
import dev.emrys.journal.Journal
import dev.emrys.run.RunState
import dev.emrys.run.TaskState
import dev.emrys.spec.Diagnostic
import dev.emrys.spec.InvalidSpecException
import dev.emrys.spec.SourceLocation
import dev.emrys.spec.SpecJson

/**
 * What programs read. Member names are promises: they may be added to, not changed. Instants are
 * ISO-8601 in UTC.
 */
internal object Json {
    private val mapper = ObjectMapper()

    /** @param hints what is worth telling and stops nobody */
    fun diagnostics(diagnostics: List<Diagnostic>, hints: List<Diagnostic> = emptyList()): String {
        val root = mapper.createObjectNode()
        val all = root.putArray("mistakes")
        for (diagnostic in diagnostics) {
            val node = all.addObject()
            location(node, diagnostic.location())
            node.put("code", diagnostic.code().id())
            node.put("what", diagnostic.what())
            node.put("mend", diagnostic.advice())
        }
        hints(root, hints)
        return pretty(root)
    }

    private fun hints(root: ObjectNode, hints: List<Diagnostic>) {
        val all = root.putArray("hints")
        for (hint in hints) {
            val node = all.addObject()
            location(node, hint.location())
            node.put("code", hint.code().id())
            node.put("what", hint.what())
            node.put("mend", hint.advice())
        }
    }

    private fun location(node: ObjectNode, location: SourceLocation) {
        node.put("file", location.file())
        node.put("line", location.line().takeIf { it > 0 })
        node.put("column", location.column().takeIf { it > 0 })
    }

    /** Why a command stopped; the words are the ones that people get. */
    fun failure(cause: Throwable, exit: Int): String {
        if (cause is InvalidSpecException) return diagnostics(cause.diagnostics())
        val root = mapper.createObjectNode()
        root.put("error", cause.message ?: cause.javaClass.simpleName)
        root.put("exit", exit)
        return pretty(root)
    }

    fun plan(graph: TaskGraph, notes: List<String>, hints: List<Diagnostic>): String {
        val root = mapper.createObjectNode()
        root.setAll<ObjectNode>(mapper.readTree(SpecJson.write(graph.spec())) as ObjectNode)
        val tasks = root.putArray("tasks")
        graph.tasks().forEachIndexed { index, task ->
            val node = tasks.addObject()
            node.put("id", task.id())
            node.put("does", does(task))
            node.put("cluster", task.cluster())
            val after = node.putArray("after")
            val upstream = graph.after(index)
            for (i in 0 until upstream.length()) after.add(graph.task(upstream.get(i)).id())
        }
        val notesNode = root.putArray("notes")
        notes.forEach(notesNode::add)
        hints(root, hints)
        return pretty(root)
    }

    private fun does(task: Task) =
        when (task) {
            is Task.StartCluster -> "start-cluster"
            is Task.RunStep -> "run-step"
            is Task.EndCluster -> "end-cluster"
        }

    fun runs(runs: List<Pair<Journal.RunRecord, Boolean>>): String {
        val all = mapper.createArrayNode()
        runs.forEach { (run, driven) -> record(all, run, driven) }
        return pretty(all)
    }

    private fun record(all: ArrayNode, run: Journal.RunRecord, driven: Boolean) {
        fill(all.addObject(), run, driven)
    }

    private fun fill(node: ObjectNode, run: Journal.RunRecord, driven: Boolean) {
        node.put("id", run.id())
        node.put("name", run.name())
        node.put("pipeline", run.pipeline())
        node.put("script", run.script())
        node.put("target", run.target())
        node.put("startedAt", run.startedAt().toString())
        node.put("endedAt", run.endedAt()?.toString())
        node.put("outcome", run.outcome())
        node.put("driven", driven)
    }

    fun run(run: Journal.RunRecord, state: RunState, driven: Boolean): String {
        val root = mapper.createObjectNode()
        fill(root, run, driven)
        root.put("endedAt", state.endedAt().map { it.toString() }.orElse(null))
        root.put("outcome", state.outcome().map { it.name }.orElse(null))
        val tasks = root.putArray("tasks")
        state.tasks().forEach { task(tasks.addObject(), it) }
        return pretty(root)
    }

    private fun task(node: ObjectNode, task: TaskState) {
        node.put("id", task.task())
        node.put("phase", task.phase().name)
        node.put("attempt", task.attempt())
        node.put("remoteId", task.remoteId())
        node.put("since", task.since()?.toString())
        node.put("runningSince", task.runningSince()?.toString())
        node.put("until", task.until()?.toString())
        node.put("failure", task.failure()?.name)
        node.put("reason", task.reason())
        node.put("log", task.log())
    }

    private fun pretty(node: com.fasterxml.jackson.databind.JsonNode): String =
        mapper.writerWithDefaultPrettyPrinter().writeValueAsString(node)
}
