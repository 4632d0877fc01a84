package dev.emrys.emulator.wire

import com.google.common.collect.ImmutableList
import dev.emrys.emulator.EmulatorHarness
import dev.emrys.emulator.EmulatorSettings
import dev.emrys.emulator.EmulatorStore
import dev.emrys.emulator.InMemoryStore
import dev.emrys.emulator.StoredDocument
import dev.emrys.emulator.add
import dev.emrys.emulator.step
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldMatch
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse
import java.time.Duration
import java.util.concurrent.CompletableFuture
import java.util.concurrent.TimeUnit
import software.amazon.awssdk.services.emr.model.EmrException

private const val TOKEN = "EMRYSTOKEN0123456789"
private const val START = 1777086000000L

private class Feed(store: EmulatorStore = InMemoryStore()) : AutoCloseable {
    val harness = EmulatorHarness(store, EmulatorSettings.DEFAULT.withMaxActiveClusters(3_000))
    private val server = WireServer(harness.emr, TOKEN, 0)
    private val http = HttpClient.newHttpClient()

    class ChangeList(private val lines: List<String>) {
        val complete = lines.first().substringBefore(' ') == "complete"
        val position = lines.first().substringAfter(' ')
        val changes = lines.drop(1)
    }

    fun send(
        query: String,
        token: String = TOKEN,
    ): CompletableFuture<HttpResponse<String>> =
        http.sendAsync(
            HttpRequest.newBuilder(URI.create("${server.uri()}/changes$query"))
                .header("X-Emrys-Token", token)
                .build(),
            HttpResponse.BodyHandlers.ofString(),
        )

    fun ask(position: String): CompletableFuture<ChangeList> =
        send("?after=$position").thenApply { ChangeList(it.body().trim().lines()) }

    fun position(): String =
        ChangeList(send("").get(20, TimeUnit.SECONDS).body().trim().lines()).position

    override fun close() = server.close()
}

private fun <T> CompletableFuture<T>.soon(): T = get(20, TimeUnit.SECONDS)

class ChangeFeedTest :
    FunSpec({
        test("a request waits until a state changes, and is told the new states in order") {
            Feed().use { feed ->
                val waiting = feed.ask(feed.position())
                val cluster = feed.harness.run()
                waiting.soon().complete shouldBe true
                waiting.soon().changes shouldBe listOf("cluster $cluster STARTING")
                val position = feed.position()
                feed.harness.clock.advance()
                val (first, second) = feed.harness.emr.add(cluster, step("a"), step("b"))
                feed.harness.processes.complete(first)
                feed.ask(position).soon().changes shouldBe
                    listOf(
                        "cluster $cluster BOOTSTRAPPING",
                        "cluster $cluster RUNNING",
                        "cluster $cluster WAITING",
                        "step $cluster $first PENDING - -",
                        "step $cluster $second PENDING - -",
                        "step $cluster $first RUNNING $START -",
                        "cluster $cluster RUNNING",
                        "step $cluster $first COMPLETED $START $START",
                        "step $cluster $second RUNNING $START -",
                    )
            }
        }

        test("changes between two requests are told by the next one") {
            Feed().use { feed ->
                var position = feed.position()
                val told = mutableListOf<String>()
                val clusters =
                    List(3) {
                        val cluster = feed.harness.run()
                        val answer = feed.ask(position).soon()
                        told += answer.changes
                        position = answer.position
                        cluster
                    }
                told shouldBe clusters.map { "cluster $it STARTING" }
            }
        }

        test("without a position, with a foreign one, and with one too far back it is incomplete") {
            Feed().use { feed ->
                feed.send("").soon().body() shouldMatch Regex("incomplete \\S+\n")
                val other = Feed().use { it.position() }
                val foreign = feed.ask(other).soon()
                foreign.complete shouldBe false
                val position = feed.position()
                repeat(3_000) { feed.harness.run() }
                feed.harness.clock.advance()
                val late = feed.ask(position).soon()
                late.complete shouldBe false
                late.changes shouldBe emptyList()
                late.position shouldBe feed.position()
            }
        }

        test("more requests than threads wait, and calls are answered meanwhile") {
            Feed().use { feed ->
                val position = feed.position()
                val waiting = List(ChangeFeed.MAX_WAITING) { feed.ask(position) }
                val next = feed.position()
                next shouldBe position
                val cluster = feed.harness.run()
                waiting.forEach { it.soon().changes shouldBe listOf("cluster $cluster STARTING") }
            }
        }

        test("one request more than may wait makes one be answered without a change") {
            Feed().use { feed ->
                val position = feed.position()
                val waiting = List(ChangeFeed.MAX_WAITING + 1) { feed.ask(position) }
                val answered = CompletableFuture.anyOf(*waiting.toTypedArray())
                val answer = answered.soon() as Feed.ChangeList
                answer.complete shouldBe true
                answer.changes shouldBe emptyList()
                answer.position shouldBe position
            }
        }

        test("a change that is not stored is not told") {
            val store =
                object : EmulatorStore {
                    val inner = InMemoryStore()
                    var fails = false

                    override fun load() = inner.load()

                    override fun save(documents: ImmutableList<StoredDocument>) {
                        check(!fails) { "disk full" }
                        inner.save(documents)
                    }

                    override fun delete(kind: String, ids: ImmutableList<String>) =
                        inner.delete(kind, ids)
                }
            Feed(store).use { feed ->
                val position = feed.position()
                store.fails = true
                shouldThrow<EmrException> { feed.harness.run() }
                feed.position() shouldBe position
            }
        }

        test("a wrong token is rejected, and waiting is no activity of the account") {
            Feed().use { feed ->
                feed.send("", "no").soon().statusCode() shouldBe 403
                feed.harness.clock.advance(Duration.ofMinutes(1))
                val before = feed.harness.emr.lastActivity()
                feed.position()
                feed.harness.emr.lastActivity() shouldBe before
            }
        }

        test("a position that is no number is as none") {
            Feed().use { feed ->
                val process = feed.position().substringBefore('.')
                feed.ask("$process.x").soon().complete shouldBe false
            }
        }
    })
