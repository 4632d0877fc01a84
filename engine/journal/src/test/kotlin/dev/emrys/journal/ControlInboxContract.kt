package dev.emrys.journal

import io.kotest.core.spec.style.scopes.FunSpecContainerScope
import io.kotest.matchers.nulls.shouldNotBeNull
import io.kotest.matchers.shouldBe
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit

fun <T : Any> LinkedBlockingQueue<T>.next(): T = poll(60, TimeUnit.SECONDS).shouldNotBeNull()

/** The next request of a sender; a request may come more than once. */
fun LinkedBlockingQueue<ControlRequest>.nextOf(by: String): ControlRequest {
    var request = next()
    while (request.by() != by) request = next()
    return request
}

private val cancel = ControlRequest.Cancel()

suspend fun FunSpecContainerScope.controlInboxContract(newStore: () -> Store) {
    test("a request that another sends reaches the driver") {
        val store = newStore()
        store.open().use { driving ->
            store.open().use { sending ->
                val received = LinkedBlockingQueue<ControlRequest>()
                driving.inbox().receive("r1", received::add).use {
                    sending.inbox().send("r1", cancel, "ada")
                    val request = received.next()
                    request.run() shouldBe "r1"
                    request.kind() shouldBe cancel
                    request.by() shouldBe "ada"
                }
            }
        }
    }

    test("a request that was sent before is handed out, and in the order of sending") {
        val store = newStore()
        store.open().use {
            it.inbox().send("r1", cancel, "ada")
            it.inbox().send("r1", cancel, "bob")
        }
        store.open().use { driving ->
            val received = LinkedBlockingQueue<ControlRequest>()
            driving.inbox().receive("r1", received::add).use {
                received.next().by() shouldBe "ada"
                received.next().by() shouldBe "bob"
            }
        }
    }

    test("a request is handed out until it is acknowledged, and not again after that") {
        val store = newStore()
        store.open().use { first ->
            first.inbox().send("r1", cancel, "ada")
            val received = LinkedBlockingQueue<ControlRequest>()
            first.inbox().receive("r1", received::add).use { received.next().by() shouldBe "ada" }
        }
        store.open().use { second ->
            val received = LinkedBlockingQueue<ControlRequest>()
            second.inbox().receive("r1", received::add).use {
                second.inbox().acknowledge(received.next())
            }
            // Written after the acknowledgement.
            second.inbox().send("r1", cancel, "bob")
        }
        store.open().use { third ->
            val received = LinkedBlockingQueue<ControlRequest>()
            third.inbox().receive("r1", received::add).use { received.next().by() shouldBe "bob" }
        }
    }

    test("a request goes to its run alone, and not to a receiver that was closed") {
        newStore().open().use { journal ->
            val one = LinkedBlockingQueue<ControlRequest>()
            val two = LinkedBlockingQueue<ControlRequest>()
            val receivingOne = journal.inbox().receive("r1", one::add)
            journal.inbox().receive("r2", two::add).use {
                journal.inbox().send("r2", cancel, "ada")
                two.nextOf("ada").run() shouldBe "r2"
                one.size shouldBe 0
                receivingOne.close()
                journal.inbox().send("r1", cancel, "bob")
                journal.inbox().send("r2", cancel, "eve")
                two.nextOf("eve")
                one.size shouldBe 0
            }
        }
    }

    test("closing the receiver that was replaced does not end the new one") {
        newStore().open().use { journal ->
            val received = LinkedBlockingQueue<ControlRequest>()
            val first = journal.inbox().receive("r1", received::add)
            journal.inbox().receive("r1", received::add).use {
                first.close()
                journal.inbox().send("r1", cancel, "ada")
                received.next().by() shouldBe "ada"
            }
        }
    }

    test("a receiver that fails gets the request again") {
        newStore().open().use { journal ->
            val received = LinkedBlockingQueue<ControlRequest>()
            val failing =
                journal.inbox().receive("r1") {
                    received += it
                    error("cannot take it")
                }
            failing.use {
                journal.inbox().send("r1", cancel, "ada")
                received.next().by() shouldBe "ada"
                journal.inbox().send("r1", cancel, "bob")
                received.next().by() shouldBe "ada"
            }
        }
    }

    test("open requests are dropped; one that is sent afterwards is not") {
        newStore().open().use { journal ->
            journal.inbox().send("r1", cancel, "late")
            journal.inbox().send("r2", cancel, "other run")
            journal.inbox().drop("r1")
            journal.inbox().send("r1", cancel, "ada")
            val received = LinkedBlockingQueue<ControlRequest>()
            journal.inbox().receive("r1", received::add).use { received.next().by() shouldBe "ada" }
            journal.inbox().receive("r2", received::add).use {
                received.nextOf("other run").run() shouldBe "r2"
            }
        }
    }

    test("a request of an unknown kind is reported once, kept, and never handed out or dropped") {
        val store = newStore()
        store.open().use { it.runs().create(record("r1"), "{}").close() }
        store.storeRequest("r1", "dance", "ada")
        repeat(2) { time ->
            val warnings = LinkedBlockingQueue<String>()
            store.open(warnings::add).use { journal ->
                val received = LinkedBlockingQueue<ControlRequest>()
                journal.inbox().receive("r1", received::add).use {
                    warnings.next() shouldBe
                        "The control request \"dance\" of ada to run r1 is not known to this version of Emrys, and is kept." +
                            "\n    Drive the run with a newer Emrys."
                    journal.inbox().send("r1", cancel, "bob $time")
                    received.next().by() shouldBe "bob $time"
                    journal.inbox().send("r1", cancel, "eve $time")
                    received.nextOf("eve $time")
                    warnings.size shouldBe 0
                }
                journal.inbox().drop("r1")
            }
        }
    }
}
