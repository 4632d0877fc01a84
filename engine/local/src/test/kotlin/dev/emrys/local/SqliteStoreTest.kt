package dev.emrys.local

import com.google.common.collect.ImmutableList
import dev.emrys.emulator.StoredDocument
import dev.emrys.sqlite.FileIdentity
import dev.emrys.testing.temporaryFolder
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldNotBeEmpty
import java.nio.file.Files

private const val SECRET = "hunter2"

class SqliteStoreTest :
    FunSpec({
        listOf(1, 1_000).forEach { times ->
            test(
                "what was replaced or deleted, $times times a secret, is in no file after a purge"
            ) {
                val folder = temporaryFolder("emrys-store")
                fun confidential() =
                    Files.list(folder).use { all ->
                        all.filter {
                                SECRET in Files.readAllBytes(it).toString(Charsets.ISO_8859_1)
                            }
                            .toList()
                    }
                SqliteStore(folder.resolve("emulator.db"), FileIdentity.of(folder)).use { store ->
                    fun save(id: String, json: String) =
                        store.save(ImmutableList.of(StoredDocument("step", id, json)))
                    val ids = (1..20).map { "s-$it" }
                    ids.forEach { save(it, SECRET.repeat(times)) }
                    store.purge()
                    confidential().shouldNotBeEmpty()
                    ids.drop(1).forEach { save(it, "****") }
                    store.delete("step", ImmutableList.of(ids.first()))
                    store.purge()
                    confidential().shouldBeEmpty()
                }
            }
        }
    })
