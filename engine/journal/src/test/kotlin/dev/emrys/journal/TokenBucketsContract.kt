package dev.emrys.journal

import com.google.common.collect.ImmutableList
import com.google.common.collect.ImmutableMap
import com.google.common.collect.ImmutableSet
import io.kotest.core.spec.style.scopes.FunSpecContainerScope
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.comparables.shouldBeLessThanOrEqualTo
import io.kotest.matchers.shouldBe
import java.time.Duration
import java.util.concurrent.CountDownLatch
import java.util.concurrent.atomic.AtomicInteger
import kotlin.concurrent.thread
import kotlin.random.Random

private val ALL = TokenRequest.Rate(20.0, 5.0)
private val OPERATIONS =
    ImmutableMap.of("run", TokenRequest.Rate(8.0, 0.5), "list", TokenRequest.Rate(10.0, 1.0))

private fun demand(operation: String, count: Int, rank: Int = 0, reserve: Int = 0) =
    TokenRequest.Demand(operation, rank, reserve, count)

private fun request(
    process: String,
    vararg demands: TokenRequest.Demand,
    exhausted: Set<String> = setOf(),
    endpoint: String = "1234/eu-west-1",
) =
    TokenRequest(
        endpoint,
        process,
        ALL,
        OPERATIONS,
        ImmutableList.copyOf(demands),
        ImmutableSet.copyOf(exhausted),
    )

private fun Journal.grants(request: TokenRequest): List<TokenGrant> = tokens().take(request).soon()

private fun Journal.take(process: String, vararg demands: TokenRequest.Demand): List<Int> =
    grants(request(process, *demands)).map { it.tokens() }

/** Takes all that is there now, by as many requests as that needs. */
private fun Journal.takeAll(process: String, operation: String): Int {
    var taken = 0
    while (true) {
        val grant = grants(request(process, demand(operation, 1000))).single()
        taken += grant.tokens()
        if (grant.retryAfter() > Duration.ZERO) break
    }
    grants(request(process))
    return taken
}

private fun millis(count: Long) = Duration.ofMillis(count)

suspend fun FunSpecContainerScope.tokenBucketsContract(newStore: () -> Store) {
    test("a bucket is full at first, half of it is granted at once, and it is filled at its rate") {
        val store = newStore()
        store.open().use { journal ->
            journal.take("p", demand("run", 3)) shouldContainExactly listOf(3)
            journal.grants(request("p", demand("run", 100))) shouldContainExactly
                listOf(TokenGrant(3, Duration.ZERO))
            journal.takeAll("p", "run") shouldBe 2
            journal.grants(request("p", demand("run", 1))) shouldContainExactly
                listOf(TokenGrant(0, Duration.ofSeconds(2)))
            store.clock.pass(millis(1999))
            journal.grants(request("p", demand("run", 1))) shouldContainExactly
                listOf(TokenGrant(0, millis(1)))
            store.clock.pass(millis(1))
            journal.take("p", demand("run", 1)) shouldContainExactly listOf(1)
            store.clock.pass(Duration.ofDays(1))
            journal.takeAll("p", "run") shouldBe 8
        }
    }

    test("every token is one of the bucket of all operations too") {
        val store = newStore()
        store.open().use { journal ->
            journal.takeAll("p", "run") shouldBe 8
            journal.takeAll("p", "unlimited") shouldBe 12
            journal.grants(request("p", demand("list", 1))) shouldContainExactly
                listOf(TokenGrant(0, millis(200)))
            store.clock.pass(Duration.ofSeconds(1))
            journal.takeAll("p", "list") shouldBe 5
        }
    }

    test("the buckets of an endpoint are shared by all processes, and outlive them") {
        val store = newStore()
        store.open().use { one ->
            store.open().use { other ->
                one.take("p", demand("run", 4)) shouldContainExactly listOf(4)
                other.take("q", demand("run", 2)) shouldContainExactly listOf(2)
                other.grants(request("q", demand("run", 1), endpoint = "1234/us-east-1")).map {
                    it.tokens()
                } shouldContainExactly listOf(1)
            }
        }
        store.open().use { it.takeAll("r", "run") shouldBe 2 }
    }

    test("a bucket that the service says is empty is empty for all") {
        val store = newStore()
        store.open().use { one ->
            store.open().use { other ->
                one.grants(request("p", demand("list", 1), exhausted = setOf("run")))
                    .single()
                    .tokens() shouldBe 1
                other.grants(request("q", demand("run", 1))) shouldContainExactly
                    listOf(TokenGrant(0, Duration.ofSeconds(2)))
                other.takeAll("q", "list") shouldBe 9
            }
        }
    }

    test("a clock that is set back does not stop the refill, nor keep tokens for the dead") {
        val store = newStore()
        store.open().use { journal ->
            journal.takeAll("p", "run")
            journal.grants(request("dead", demand("run", 9)))
            store.clock.pass(Duration.ofHours(-1))
            journal.grants(request("p", demand("run", 1))).single().retryAfter() shouldBe
                Duration.ofSeconds(2)
            store.clock.pass(Duration.ofSeconds(2))
            journal.take("p", demand("run", 1)) shouldContainExactly listOf(1)
        }
    }

    test("processes that wait for an operation get its tokens in turn") {
        val store = newStore()
        store.open().use { journal ->
            journal.takeAll("p", "run")
            val processes = listOf("p", "q", "r")
            val granted = processes.associateWith { 0 }.toMutableMap()
            val waiting = processes.associateWith { 100 }.toMutableMap()
            repeat(120) {
                // p asks first, each time.
                processes.forEach { one ->
                    val tokens = journal.take(one, demand("run", waiting.getValue(one))).single()
                    granted.merge(one, tokens, Int::plus)
                    waiting.merge(one, -tokens, Int::plus)
                }
                store.clock.pass(millis(500))
            }
            granted.values.sum() shouldBe 29
            granted.values.forEach { (it in 9..10) shouldBe true }
        }
    }

    test("of many tokens at once each that waits gets its part") {
        val store = newStore()
        store.open().use { journal ->
            journal.takeAll("p", "list")
            listOf("p", "q").forEach { journal.take(it, demand("list", 100)) }
            store.clock.pass(Duration.ofSeconds(2))
            listOf("p", "q").forEach { journal.take(it, demand("list", 100)) shouldBe listOf(1) }
        }
    }

    test("a lower rank is served first, also when it is another process's") {
        val store = newStore()
        store.open().use { journal ->
            journal.takeAll("p", "run")
            journal.take("p", demand("run", 5, rank = 1)) shouldContainExactly listOf(0)
            journal.take("q", demand("run", 1, rank = 0)) shouldContainExactly listOf(0)
            store.clock.pass(Duration.ofSeconds(2))
            journal.take("p", demand("run", 5, rank = 1)) shouldContainExactly listOf(0)
            journal.take("q", demand("run", 1, rank = 0)) shouldContainExactly listOf(1)
            store.clock.pass(Duration.ofSeconds(2))
            journal.take("p", demand("run", 2, rank = 1), demand("run", 1)) shouldContainExactly
                listOf(0, 1)
        }
    }

    test("a reserve is left in the bucket") {
        val store = newStore()
        store.open().use { journal ->
            journal.take("p", demand("run", 9, reserve = 5)) shouldContainExactly listOf(3)
            journal.grants(request("p", demand("run", 1, reserve = 5))) shouldContainExactly
                listOf(TokenGrant(0, Duration.ofSeconds(2)))
            journal.take("p", demand("run", 2)) shouldContainExactly listOf(2)
        }
    }

    test("tokens are kept for a process that waits until it should have asked, and for 2 s more") {
        val store = newStore()
        store.open().use { journal ->
            journal.takeAll("p", "run")
            journal.take("dead", demand("run", 100))
            journal.take("p", demand("run", 100))
            store.clock.pass(millis(3999))
            journal.take("p", demand("run", 100)) shouldContainExactly listOf(0)
            store.clock.pass(millis(1))
            journal.take("p", demand("run", 100)) shouldContainExactly listOf(1)
            // Its claim would be the next one.
            journal.take("p", demand("run", 100)) shouldContainExactly listOf(1)
        }
    }

    test("a request replaces what its process waited for before") {
        val store = newStore()
        store.open().use { journal ->
            journal.takeAll("p", "run")
            journal.take("q", demand("run", 100))
            journal.take("q", demand("list", 1)) shouldContainExactly listOf(1)
            store.clock.pass(Duration.ofSeconds(2))
            journal.take("p", demand("run", 1)) shouldContainExactly listOf(1)
        }
    }

    test("in any time no more is granted than a burst and what the rate gives, and all of it is") {
        repeat(3) { seed ->
            val random = Random(seed)
            val store = newStore()
            store.open().use { one ->
                store.open().use { other ->
                    val journals = listOf(one, other)
                    val granted = mutableListOf<Pair<Long, Int>>()
                    val begin = store.clock.instant()
                    repeat(100) {
                        val asked = random.nextInt(4)
                        val demand = demand("run", 1 + random.nextInt(20), rank = random.nextInt(2))
                        val tokens = journals[asked % 2].take("p$asked", demand).single()
                        granted +=
                            Duration.between(begin, store.clock.instant()).toMillis() to tokens
                        store.clock.pass(millis(random.nextLong(600)))
                    }
                    for (from in granted.indices) {
                        var sum = 0
                        for (to in from until granted.size) {
                            sum += granted[to].second
                            val seconds = (granted[to].first - granted[from].first) / 1000.0
                            sum.toDouble() shouldBeLessThanOrEqualTo 8 + 0.5 * seconds + 1e-3
                        }
                    }
                    val left =
                        journals[0].let { journal ->
                            listOf("p0", "p1", "p2", "p3").forEach { journal.grants(request(it)) }
                            journal.takeAll("p0", "run")
                        }
                    val seconds = Duration.between(begin, store.clock.instant()).toMillis() / 1000.0
                    granted.sumOf { it.second } + left shouldBe (8 + 0.5 * seconds + 1e-3).toInt()
                }
            }
        }
    }

    test("requests of two processes at the same time take each token once") {
        val store = newStore()
        store.open().use { one ->
            store.open().use { other ->
                val together = CountDownLatch(2)
                val taken = AtomicInteger()
                listOf(one, other)
                    .mapIndexed { number, journal ->
                        thread {
                            together.countDown()
                            together.await()
                            taken.addAndGet(Child.takeAll(journal, "p$number"))
                        }
                    }
                    .forEach { it.join() }
                taken.get() shouldBe 200
            }
        }
    }

    test("a closed journal grants nothing") {
        val journal = newStore().open()
        journal.close()
        failureOf(journal.tokens().take(request("p", demand("run", 1)))).message shouldBe
            "The journal is closed."
    }
}
