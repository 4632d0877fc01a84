package dev.emrys.journal

import dev.emrys.testing.PostgresServer
import dev.emrys.testing.SettableTime
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import java.util.function.Consumer

/** What one journal after the other opens, as processes do that share it. */
interface Store {
    fun open(warnings: Consumer<String>): Journal

    /** The time by which token buckets are filled. */
    val clock: SettableTime

    fun open(): Journal = open { error(it) }

    /** Stores a control request also of a kind that this version does not know. */
    fun storeRequest(run: String, kind: String, by: String)
}

private class InMemoryStore : Store {
    override val clock = SettableTime(noon)
    private val journals = InMemoryJournals(clock)

    override fun open(warnings: Consumer<String>): Journal = journals.open(warnings)

    override fun storeRequest(run: String, kind: String, by: String) =
        journals.storeRequest(run, kind, by)
}

/** What every kind of journal does; a new kind is added to this list. */
class JournalContractTest :
    FunSpec({
        fun sqliteStore(): Store {
            val folder = tempdir().toPath()
            return object : Store {
                override val clock = SettableTime(noon)

                override fun open(warnings: Consumer<String>): Journal =
                    SqliteJournal.open(folder, warnings, clock)

                override fun storeRequest(run: String, kind: String, by: String) =
                    plainSql(folder).use {
                        it.run("PRAGMA busy_timeout = 60000")
                        it.run(
                            "INSERT INTO control_requests (run, kind, requested_by, requested_at) " +
                                "VALUES ('$run', '$kind', '$by', '2026-01-01T12:00:00.000000000Z')"
                        )
                    }
            }
        }

        fun postgresStore(): Store {
            val url = PostgresServer.newDatabase()
            return object : Store {
                override val clock = SettableTime(noon)

                override fun open(warnings: Consumer<String>): Journal =
                    postgres(url, clock = { clock.instant() }, warnings = warnings)

                override fun storeRequest(run: String, kind: String, by: String) {
                    PostgresServer.sql(url) {
                        it.run(
                            "INSERT INTO emrys.control_requests (run, kind, requested_by, requested_at) " +
                                "VALUES ('$run', '$kind', '$by', '2026-01-01T12:00:00.000000000Z')"
                        )
                    }
                }
            }
        }

        val stores =
            linkedMapOf<String, () -> Store>(
                "in memory" to { InMemoryStore() },
                "on SQLite" to ::sqliteStore,
            )
        val reason = PostgresServer.unavailable
        if (reason == null) stores["on PostgreSQL"] = ::postgresStore
        else xtest("the journal on PostgreSQL: $reason") {}

        stores.forEach { (name, newStore) ->
            context("the journal $name") {
                eventLogContract(newStore)
                runCatalogContract(newStore)
                runLeaseContract(newStore)
                controlInboxContract(newStore)
                snapshotStoreContract(newStore)
                scheduleStoreContract(newStore)
                tokenBucketsContract(newStore)
            }
        }
    })
