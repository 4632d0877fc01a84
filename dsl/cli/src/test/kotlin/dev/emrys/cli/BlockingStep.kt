package dev.emrys.cli

import dev.emrys.testing.isRunning
import kotlin.io.path.exists
import kotlin.io.path.readText
import kotlin.io.path.writeText

/** A command that runs until it is released, or until the folder of its test is deleted. */
internal class BlockingStep(
    private val program: EmrysProgram,
    name: String,
    ignoring: String = "",
) {
    private val folder = program.folder
    val ledger = folder.resolve("$name-ledger")
    private val go = folder.resolve("$name-go")
    val pid = folder.resolve("$name-pid")
    val command =
        "${ignoring}echo $$ > $pid; echo begun >> $ledger; until [ -e $go ] || [ ! -d $folder ]; do sleep 0.05; done; echo done >> $ledger"

    fun release() = go.writeText("")

    fun start(vararg more: String, options: LaunchOptions = LaunchOptions()) =
        program.start(
            "run",
            "probe.emr.kts",
            "--param",
            "first=echo one >> $ledger",
            "--param",
            "second=$command",
            *more,
            options = options,
        )

    suspend fun awaitRunning(running: RunningProcess) =
        running.until("the step runs") { "begun" in ledger.lines() && pid.exists() }

    fun process(): ProcessHandle? =
        ProcessHandle.of(pid.readText().trim().toLong()).filter { isRunning(it.pid()) }.orElse(null)
}
