package dev.emrys.runtime

import com.google.common.collect.ImmutableList
import dev.emrys.local.OwnerProcess
import java.nio.file.Files
import java.nio.file.Path
import software.amazon.awssdk.services.emr.model.ClusterState

/** Reads the state of a local account from outside of the engine. */
internal class EmulatorHarness(private val fixture: StateFolderFixture) : AutoCloseable {
    private val endpoint =
        LocalEndpoint(
            OwnerProcess(
                fixture.account,
                ImmutableList.builder<String>()
                    .addAll(StateFolderFixture.OWNER_COMMAND)
                    .add(fixture.account.folder().toString())
                    .build(),
            )
        )

    fun liveClusters(): List<String> =
        endpoint
            .client()
            .listClustersPaginator {}
            .clusters()
            .filter { it.status().state() !in GONE }
            .map { it.name() }

    /** Processes of this machine that belong to a step of the account. */
    fun stepProcesses(): List<String> =
        ProcessHandle.allProcesses().use { all ->
            all.filter { belongs(it.pid()) }
                .map { "${it.pid()} ${it.info().commandLine().orElse("")}" }
                .toList()
        }

    private fun belongs(pid: Long): Boolean =
        try {
            Files.readString(Path.of("/proc/$pid/environ"), Charsets.ISO_8859_1)
                .contains("HOME=${fixture.account.folder()}/clusters/")
        } catch (_: java.io.IOException) {
            false
        }

    override fun close() = endpoint.close()

    private companion object {
        val GONE = setOf(ClusterState.TERMINATED, ClusterState.TERMINATED_WITH_ERRORS)
    }
}
