package dev.emrys.local

import com.google.common.collect.ImmutableList
import dev.emrys.emulator.StepExit
import dev.emrys.emulator.StoredDocument
import dev.emrys.sqlite.FileIdentity
import dev.emrys.testing.SmallDisk
import dev.emrys.testing.awaitUntil
import dev.emrys.testing.temporaryFolder
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf
import java.nio.file.Files
import kotlin.io.path.createDirectory
import kotlin.io.path.deleteExisting

class FullDiskTest :
    FunSpec({
        val disk = autoClose(SmallDisk(temporaryFolder("emrys-disk"), megabytes = 2))

        fun document(id: Int, text: String) =
            StoredDocument("step", "s-$id", "{\"text\":\"$text\"}")

        test("after a full disk the emulator's store works again, and has nothing that it refused")
            .config(enabled = disk.mounted) {
                SqliteStore(disk.folder.resolve("emulator.db"), FileIdentity.of(disk.folder)).use {
                    store ->
                    val first = document(1, "first")
                    store.save(ImmutableList.of(first))
                    disk.fill()
                    repeat(5) { round ->
                        val large = document(2, "x".repeat(100_000))
                        shouldThrow<IllegalStateException> {
                            store.save(ImmutableList.of(document(1, "refused $round"), large))
                        }
                    }
                    disk.free()
                    store.load() shouldContainExactly listOf(first)
                    val second = document(2, "second")
                    store.save(ImmutableList.of(second))
                    store.load() shouldContainExactly listOf(first, second)
                }
                SqliteStore(disk.folder.resolve("emulator.db"), FileIdentity.of(disk.folder)).use {
                    again ->
                    again.load().map { it.id() } shouldContainExactly listOf("s-1", "s-2")
                }
            }

        test("a step that ends while its status cannot be written succeeds when it can be") {
            val account = account()
            localStepRunner(account).use { runner ->
                val listener = RecordingListener()
                val go = account.folder().resolve("go")
                runner.start(
                    bash("s-1", "until [ -e '$go' ]; do sleep 0.05; done"),
                    listener,
                )
                listener.awaitRunning()
                val folder = account.step("j-1", "s-1")
                val supervisor = folder.resolve("claim").text().substringBefore(' ')
                // Where the status is first written to.
                val blocked = folder.resolve("exit.$supervisor").createDirectory()
                go.toFile().writeText("")
                awaitUntil("a failed attempt to write the status") {
                    // The supervisor waits a second after it.
                    ProcessHandle.of(supervisor.toLong()).get().children().anyMatch {
                        it.info().command().orElse("").endsWith("sleep")
                    }
                }
                Files.exists(folder.resolve("exit")) shouldBe false
                blocked.deleteExisting()
                listener.exit().shouldBeInstanceOf<StepExit.Completed>()
            }
        }
    })
