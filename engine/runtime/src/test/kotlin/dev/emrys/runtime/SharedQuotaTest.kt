package dev.emrys.runtime

import com.google.common.collect.ImmutableList
import com.google.common.collect.ImmutableMap
import com.google.common.collect.ImmutableSet
import dev.emrys.drive.Effects
import dev.emrys.drive.Target
import dev.emrys.emr.EmrAccount
import dev.emrys.emr.EmrDependencies
import dev.emrys.emr.EmrEffects
import dev.emrys.emr.EmrOperation
import dev.emrys.emr.Endpoint
import dev.emrys.emr.Quotas
import dev.emrys.emr.RunTags
import dev.emrys.journal.Journal
import dev.emrys.journal.PostgresAddress
import dev.emrys.journal.PostgresJournal
import dev.emrys.journal.SqliteJournal
import dev.emrys.journal.TokenBuckets
import dev.emrys.run.Command
import dev.emrys.run.Event
import dev.emrys.spec.ClusterStart
import dev.emrys.testing.PostgresServer
import dev.emrys.testing.awaitUntil
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.ints.shouldBeInRange
import io.kotest.matchers.shouldBe
import java.sql.DriverManager
import java.time.Duration
import java.time.Instant
import java.time.InstantSource
import java.util.Optional
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.Executors
import java.util.concurrent.TimeUnit
import software.amazon.awssdk.awscore.exception.AwsErrorDetails
import software.amazon.awssdk.services.emr.EmrClient
import software.amazon.awssdk.services.emr.model.EmrException
import software.amazon.awssdk.services.emr.model.ListClustersRequest
import software.amazon.awssdk.services.emr.model.ListClustersResponse
import software.amazon.awssdk.services.emr.model.RunJobFlowRequest
import software.amazon.awssdk.services.emr.model.RunJobFlowResponse

private const val BURST = 20
private const val PER_SECOND = 4.0
private const val STARTS = 14

/** An account that counts calls with a token bucket, as EMR does. */
private class CountingAccount {
    private var tokens = BURST.toDouble()
    private var filled = System.nanoTime()
    val throttled = CopyOnWriteArrayList<String>()
    val started = CopyOnWriteArrayList<String>()

    @Synchronized
    fun start(name: String): Boolean {
        val now = System.nanoTime()
        tokens = minOf(BURST.toDouble(), tokens + (now - filled) / 1e9 * PER_SECOND)
        filled = now
        val takes = tokens >= 1
        if (takes) tokens--
        (if (takes) started else throttled) += name
        return takes
    }

    fun client(): EmrClient =
        object : EmrClient {
            override fun serviceName() = "elasticmapreduce"

            override fun close() {}

            override fun listClusters(request: ListClustersRequest): ListClustersResponse =
                ListClustersResponse.builder().build()

            override fun runJobFlow(request: RunJobFlowRequest): RunJobFlowResponse {
                if (!start(request.name())) {
                    throw EmrException.builder()
                        .statusCode(400)
                        .awsErrorDetails(
                            AwsErrorDetails.builder()
                                .errorCode("ThrottlingException")
                                .errorMessage("Rate exceeded")
                                .build()
                        )
                        .build()
                }
                return RunJobFlowResponse.builder().jobFlowId("j-${started.size}").build()
            }
        }
}

/** A process that starts clusters, as far as one is in this JVM. */
private class Starter(private val name: String, journal: Journal, account: CountingAccount) :
    AutoCloseable {
    private val calls = Executors.newScheduledThreadPool(4)
    private val timers = SystemTimers(InstantSource.system(), "test-timer")
    private val client = account.client()
    val events = CopyOnWriteArrayList<Event>()
    val bugs = CopyOnWriteArrayList<Throwable>()
    private val emr =
        EmrAccount(
            object : Endpoint {
                override fun client() = this@Starter.client

                override fun pollInterval() = Duration.ofSeconds(1)

                override fun listingLag() = Duration.ofSeconds(1)

                override fun account() = Optional.of("1234/eu-west-1")

                override fun quotas() =
                    Quotas(
                        null,
                        ImmutableMap.of(
                            EmrOperation.RUN_JOB_FLOW,
                            Quotas.Rate(BURST, PER_SECOND),
                        ),
                    )
            },
            EmrDependencies(
                calls,
                InstantSource.system(),
                timers,
                { Optional.empty() },
                { error(it) },
                { 0.0 },
                Optional.of(JournalBudget(journal.tokens())),
            ),
        )
    private val effects =
        EmrEffects(emr, RunTags(name, name, "test"), Instant.now(), ImmutableSet.of())

    fun start() =
        effects.perform(
            ImmutableList.copyOf(
                List(STARTS) {
                    Command.Submit(
                        "start:c$it",
                        1,
                        "$name.c$it.1",
                        ClusterStart(cluster("c$it")),
                        null,
                        Instant.now(),
                        false,
                    )
                }
            ),
            object : Effects.Reports {
                override fun report(event: Event) {
                    events += event
                }

                override fun fail(bug: Throwable) {
                    bugs += bug
                }
            },
        )

    override fun close() {
        emr.close()
        timers.close()
        calls.shutdownNow()
        calls.awaitTermination(10, TimeUnit.SECONDS)
    }
}

private fun startsOfTwo(open: () -> Journal) {
    val account = CountingAccount()
    open().use { one ->
        open().use { other ->
            val starters = listOf(Starter("one", one, account), Starter("other", other, account))
            try {
                starters.forEach { it.start() }
                awaitUntil("the clusters") {
                    account.started.size == 2 * STARTS || starters.any { it.bugs.isNotEmpty() }
                }
                starters.forEach { it.bugs.shouldBeEmpty() }
                account.throttled.shouldBeEmpty()
                // While both wait each gets its part.
                account.started.take(20).count { "#other." in it } shouldBeInRange 6..14
            } finally {
                starters.forEach { it.close() }
            }
        }
    }
}

class SharedQuotaTest :
    FunSpec({
        test("two processes with one SQLite journal share the quota of an account") {
            val folder = tempdir().toPath()
            startsOfTwo { SqliteJournal.open(folder) { error(it) } }
        }

        val reason = PostgresServer.unavailable
        if (reason != null) xtest("the quota of an account on PostgreSQL: $reason") {}
        else {
            test("two processes with one PostgreSQL journal share the quota of an account") {
                val address = PostgresAddress.parse(PostgresServer.newDatabase())
                startsOfTwo { PostgresJournal.open(address) { error(it) } }
            }
        }

        test("every target of an engine is given the budget of its journal") {
            StateFolderFixture().use { fixture ->
                val given = mutableListOf<TokenBuckets>()
                val target =
                    object : Target by fixture.target {
                        override fun share(tokens: TokenBuckets) {
                            given += tokens
                        }
                    }
                val settings =
                    EngineSettings(
                        fixture.folder,
                        fixture.folder.resolve("cache"),
                        ImmutableList.of(target),
                        { error(it) },
                        "a test",
                    )
                Engine.open(settings).use { engine ->
                    given shouldBe listOf(engine.journal().tokens())
                }
            }
        }

        test("a run on the local target takes no token and writes no row for it") {
            StateFolderFixture().use { fixture ->
                Engine.open(fixture.settings).use { engine ->
                    val spec = pipeline(listOf(cluster("a")), listOf(bash("one", "a", "true")))
                    engine.start(spec, "", {}).done().get(120, TimeUnit.SECONDS)
                }
                DriverManager.getConnection("jdbc:sqlite:${fixture.folder.resolve("journal.db")}")
                    .use { connection ->
                        listOf("token_buckets", "token_claims").forEach { table ->
                            connection.createStatement().use { statement ->
                                statement.executeQuery("SELECT count(*) FROM $table").use {
                                    it.next()
                                    it.getInt(1) shouldBe 0
                                }
                            }
                        }
                    }
            }
        }
    })
