package dev.emrys.cli

import io.kotest.assertions.nondeterministic.eventually
import io.kotest.matchers.shouldBe
import java.net.URI
import java.nio.file.Path
import kotlin.io.path.exists
import kotlin.io.path.readText
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient
import software.amazon.awssdk.regions.Region
import software.amazon.awssdk.services.emr.EmrClient

/** The local account of a state folder, seen through an AWS client. */
internal class LocalAccount(private val state: Path) {
    /** The state of every cluster that the account ever had, by id. */
    fun clusters(): Map<String, String> = emr { emr ->
        emr.listClustersPaginator().clusters().associate { it.id() to it.status().stateAsString() }
    }

    /** Waits until the newest step with this word in its name is in a state. */
    suspend fun awaitStep(word: String, state: String) =
        eventually(TIMEOUT) {
            emr { emr ->
                val newest = emr.listClusters().clusters().first()
                emr.listSteps { it.clusterId(newest.id()) }
                    .steps()
                    .first { word in it.name() }
                    .status()
                    .stateAsString()
            } shouldBe state
        }

    fun <T> emr(action: (EmrClient) -> T): T {
        val file = state.resolve("local/owner.json")
        check(file.exists()) { "no owner process in $state" }
        val address = JSON.readTree(file.readText())
        EmrClient.builder()
            .endpointOverride(URI.create("http://127.0.0.1:${address.path("port").asInt()}"))
            .region(Region.US_EAST_1)
            .credentialsProvider(
                StaticCredentialsProvider.create(
                    AwsBasicCredentials.create(address.path("token").asText(), "local")
                )
            )
            .httpClient(UrlConnectionHttpClient.create())
            .build()
            .use {
                return action(it)
            }
    }

    /** Waits until every cluster has ended. */
    suspend fun awaitNoClusters() =
        eventually(TIMEOUT) {
            clusters().values.filterNot { it.startsWith("TERMINATED") } shouldBe emptyList()
        }
}
