package dev.emrys.cli

import dev.emrys.graph.TaskGraph
import dev.emrys.host.LoadRequest
import dev.emrys.host.LoadResult
import dev.emrys.host.ScriptHost
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf
import java.io.ByteArrayOutputStream
import java.nio.file.Path
import java.time.LocalDate
import kotlin.io.path.exists
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.readText
import kotlin.io.path.writeText

/**
 * Compares the plan of each script in `golden/`, as text and as JSON, with the file beside it.
 * `-Dgolden.update=true` writes the files; read them before you commit them.
 */
class GoldenPlanTest :
    FunSpec({
        val folder = Path.of("src/test/resources/golden")
        val scripts = folder.listDirectoryEntries("*.emr.kts").sortedBy { it.name }
        val update = System.getProperty("golden.update").toBoolean()
        val state = tempdir().toPath()
        state.resolve("secrets.properties").let {
            it.writeText("db/password=known\n")
            it.mode("rw-------")
        }

        fun load(script: Path): CheckedScript {
            val request =
                LoadRequest(
                    script,
                    "pipelines/${script.name}",
                    emptyMap(),
                    false,
                    lazyOf(LocalDate.of(2026, 4, 25)),
                )
            val loaded = ScriptHost(EmrysProgram.CACHE.resolve("scripts")).load(request)
            val ready = withClue("$loaded") { loaded.shouldBeInstanceOf<LoadResult.Ready>() }
            return CheckedScript(ready, TaskGraph.compile(ready.spec))
        }

        for (script in scripts) {
            val stem = script.name.removeSuffix(".emr.kts")
            test("the plan of $stem equals the files beside it") {
                val checked = load(script)
                val tasks = PlannedTask.of(checked.graph)
                val choice =
                    TargetSelection(TargetOptions()).choice(checked.loaded.target, null, state)
                val cost =
                    PriceFiles.rates(choice.name, null, state)?.let {
                        PlannedCost(checked.spec, it)
                    }
                val target =
                    TargetDiagnostics.find(
                            checked.spec,
                            Engines.target(Console(), state, choice),
                        )
                        .plusErrors(cost?.errors.orEmpty())
                val plans =
                    mapOf(
                        ".txt" to PlanText(checked.spec, tasks, target, cost).toString(),
                        ".json" to
                            ByteArrayOutputStream()
                                .also {
                                    val warnings = checked.warnings + target.asWarnings()
                                    Json.writePlan(checked.spec, tasks, warnings, cost?.json(), it)
                                }
                                .toString(),
                    )
                for ((ending, plan) in plans) {
                    val expected = folder.resolve(stem + ending)
                    if (update) expected.writeText(plan + "\n")
                    withClue("$expected") {
                        (if (expected.exists()) expected.readText() else "") shouldBe plan + "\n"
                    }
                }
            }
        }

        test("every script has two plans, and every plan has a script") {
            val all = folder.listDirectoryEntries().map { it.name }.sorted()
            all shouldContainExactly
                scripts
                    .map { it.name.removeSuffix(".emr.kts") }
                    .flatMap { listOf("$it.emr.kts", "$it.json", "$it.txt") }
                    .sorted()
        }
    })
