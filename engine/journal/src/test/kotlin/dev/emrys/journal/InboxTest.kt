package dev.emrys.journal

import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.nulls.shouldNotBeNull
import io.kotest.matchers.shouldBe
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit

class InboxTest :
    FunSpec({
        fun LinkedBlockingQueue<Journal.Wish>.next(): Journal.Wish =
            poll(60, TimeUnit.SECONDS).shouldNotBeNull()

        fun LinkedBlockingQueue<Journal.Wish>.first(kind: String): Journal.Wish {
            var wish = next()
            while (wish.kind() != kind) wish = next()
            return wish
        }

        test("a wish that another leaves reaches the driver") {
            val folder = tempdir().toPath()
            SqliteJournal.open(folder).use { driving ->
                SqliteJournal.open(folder).use { wishing ->
                    val received = LinkedBlockingQueue<Journal.Wish>()
                    driving.receive("r1", received::add).use {
                        wishing.wish("r1", "cancel", "ada")
                        val wish = received.next()
                        wish.run() shouldBe "r1"
                        wish.kind() shouldBe "cancel"
                        wish.by() shouldBe "ada"
                    }
                }
            }
        }

        test(
            "a wish that was left before anybody received is handed out, and in the order of the wishes"
        ) {
            val folder = tempdir().toPath()
            SqliteJournal.open(folder).use {
                it.wish("r1", "first", "ada")
                it.wish("r1", "second", "bob")
            }
            SqliteJournal.open(folder).use { driving ->
                val received = LinkedBlockingQueue<Journal.Wish>()
                driving.receive("r1", received::add).use {
                    received.next().kind() shouldBe "first"
                    received.next().kind() shouldBe "second"
                }
            }
        }

        test("a wish is handed out until it is granted, and not again after that") {
            val folder = tempdir().toPath()
            SqliteJournal.open(folder).use { first ->
                first.wish("r1", "cancel", "ada")
                val received = LinkedBlockingQueue<Journal.Wish>()
                first.receive("r1", received::add).use { received.next().kind() shouldBe "cancel" }
            }
            SqliteJournal.open(folder).use { second ->
                val received = LinkedBlockingQueue<Journal.Wish>()
                second.receive("r1", received::add).use { second.granted(received.next()) }
                // Written by the same one writer, so later than the grant.
                second.wish("r1", "after", "bob")
            }
            SqliteJournal.open(folder).use { third ->
                val received = LinkedBlockingQueue<Journal.Wish>()
                third.receive("r1", received::add).use { received.next().kind() shouldBe "after" }
            }
        }

        test("a wish goes to the run that it is for, and to nobody whose receiving has ended") {
            SqliteJournal.open(tempdir().toPath()).use { journal ->
                val one = LinkedBlockingQueue<Journal.Wish>()
                val two = LinkedBlockingQueue<Journal.Wish>()
                val receivingOne = journal.receive("r1", one::add)
                journal.receive("r2", two::add).use {
                    journal.wish("r2", "for two", "ada")
                    two.first("for two").run() shouldBe "r2"
                    one.size shouldBe 0
                    receivingOne.close()
                    journal.wish("r1", "for nobody", "ada")
                    journal.wish("r2", "more", "ada")
                    two.first("more")
                    one.size shouldBe 0
                }
            }
        }

        test("who stops receiving late does not take the place of who receives now") {
            val folder = tempdir().toPath()
            SqliteJournal.open(folder).use { driving ->
                val first = driving.receive("r1") {}
                val received = LinkedBlockingQueue<Journal.Wish>()
                driving.receive("r1", received::add).use {
                    first.close()
                    driving.wish("r1", "cancel", "ada")
                    received.next().kind() shouldBe "cancel"
                }
            }
        }

        test("a receiver that fails does not end the inbox") {
            SqliteJournal.open(tempdir().toPath()).use { journal ->
                val received = LinkedBlockingQueue<Journal.Wish>()
                val failing =
                    journal.receive("r1") {
                        received += it
                        error("cannot take it")
                    }
                failing.use {
                    journal.wish("r1", "cancel", "ada")
                    received.next().kind() shouldBe "cancel"
                    // It was not granted, so it comes again.
                    received.next().kind() shouldBe "cancel"
                }
            }
        }
    })
