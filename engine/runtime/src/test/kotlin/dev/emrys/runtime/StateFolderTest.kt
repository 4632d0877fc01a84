package dev.emrys.runtime

import com.google.common.collect.ImmutableList
import dev.emrys.spec.TargetCode
import dev.emrys.testing.temporaryFolder
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.attribute.PosixFilePermissions

private fun Path.withMode(permissions: String): Path = also {
    Files.setPosixFilePermissions(it, PosixFilePermissions.fromString(permissions))
}

private val Path.mode: String
    get() = PosixFilePermissions.toString(Files.getPosixFilePermissions(this))

/** Which rights a state folder has, and which make the engine refuse it. */
class StateFolderTest :
    FunSpec({
        fun target(state: Path) =
            LocalTarget(LocalTarget.Settings(state, state, ImmutableList.of("false")) {})

        fun open(state: Path): Engine =
            Engine.open(
                EngineSettings(
                    state,
                    state.resolve("cache"),
                    ImmutableList.of(target(state)),
                    {},
                    "a test",
                )
            )

        fun modes(state: Path): Map<String, String> =
            listOf("journal.db", "journal.db-wal", "journal.db-shm").associateWith {
                state.resolve(it).mode
            }

        val onlyOwner =
            listOf("journal.db", "journal.db-wal", "journal.db-shm").associateWith { "rw-------" }

        // There while a run is driven.
        val lock = "runs.lock"

        val spec = pipeline(listOf(cluster("c")), listOf(bash("s", "c", "true")))

        test("a new state folder and the files of its journal are for this user only") {
            val state = temporaryFolder("emrys-state").resolve("pipes/.emrys")
            open(state).use {
                state.mode shouldBe "rwx------"
                modes(state) shouldBe onlyOwner
            }
        }

        test("a state folder that others may read is narrowed, with the files of its journal") {
            for (name in listOf(".emrys", "named")) {
                val state = temporaryFolder("emrys-state").resolve(name)
                open(state).use {
                    state.withMode("rwxr-xr-x")
                    Files.createFile(state.resolve(lock))
                    (onlyOwner.keys + lock).forEach { state.resolve(it).withMode("rw-r--r--") }
                    Files.deleteIfExists(state.resolve("cache"))
                    open(state).use {
                        modes(state) shouldBe onlyOwner
                        state.resolve(lock).mode shouldBe "rw-------"
                    }
                }
                state.mode shouldBe "rwx------"
            }
        }

        test("a named folder with other files in it keeps its rights") {
            val state = temporaryFolder("emrys-home").withMode("rwxr-xr-x")
            Files.createFile(state.resolve("letter.txt"))
            open(state).use {
                state.mode shouldBe "rwxr-xr-x"
                modes(state) shouldBe onlyOwner
            }
        }

        test("a state folder that others may write is refused by all that uses it") {
            val state = temporaryFolder("emrys-state").withMode("rwxrwxrwx")
            shouldThrow<UntrustedStateException> { open(state) }.message shouldContain
                "chmod -R go-w $state"
            shouldThrow<UntrustedStateException> { target(state).preflight(spec) { true } }
            shouldThrow<UntrustedStateException> { target(state).connect() }
            Files.list(state).use { it.toList() }.shouldBeEmpty()
        }

        test("a journal and a lock file that others may write are refused") {
            for (name in onlyOwner.keys + lock) {
                val state = temporaryFolder("emrys-state")
                val file = Files.createFile(state.resolve(name)).withMode("rw-rw-r--")
                shouldThrow<UntrustedStateException> { open(state) }.message shouldContain
                    "chmod go-w $file"
            }
        }

        test("a secrets file that others may read is a warning that names chmod") {
            val state = temporaryFolder("emrys-state")
            val file = state.resolve("secrets.properties")
            Files.writeString(file, "password=1\n").also { it.withMode("rw-r--r--") }
            val warning = target(state).preflight(spec) { true }.single()
            warning.code() shouldBe TargetCode.SECRETS_READABLE
            warning.isError shouldBe false
            warning.fix() shouldBe "Run: chmod 600 $file"
            file.withMode("rw-------")
            target(state).preflight(spec) { true }.shouldBeEmpty()
        }

        test("a secrets file that others may write is refused and not read") {
            val state = temporaryFolder("emrys-state")
            val file = state.resolve("secrets.properties")
            Files.writeString(file, "password=1\n").also { it.withMode("rw--w----") }
            shouldThrow<UntrustedStateException> { target(state).preflight(spec) { true } }
            shouldThrow<UntrustedStateException> {
                SecretSource(emptyMap(), state).find("password")
            }
            SecretSource(mapOf("EMRYS_SECRET_PASSWORD" to "2"), state)
                .find("password")
                .get() shouldBe "2"
        }
    })
