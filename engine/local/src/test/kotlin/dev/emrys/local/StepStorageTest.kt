package dev.emrys.local

import com.google.common.collect.ImmutableList
import dev.emrys.emulator.StepExit
import dev.emrys.storage.StorageCredential
import dev.emrys.testing.AwsPrograms
import dev.emrys.testing.temporaryFolder
import io.kotest.assertions.nondeterministic.eventually
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.test.Enabled
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.maps.shouldContainAll
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import io.kotest.matchers.types.shouldBeInstanceOf
import java.net.InetAddress
import java.net.ServerSocket
import java.time.InstantSource
import kotlin.io.path.createDirectories
import kotlin.io.path.exists
import kotlin.io.path.writeText
import kotlin.time.Duration.Companion.seconds

private fun storage(account: Account): AccountStorage {
    account.create()
    return AccountStorage(
        account,
        "eu-west-1",
        "000000000000",
        ImmutableList.of(StorageCredential("client", "secret", false)),
        InstantSource.system(),
    )
}

private fun runner(account: Account, storage: AccountStorage) =
    LocalStepRunner(account, NO_DISTRIBUTIONS, InstantSource.system(), storage.stepVariables())

private fun onlyWithAws(): Enabled =
    AwsPrograms.missingCli()?.let { Enabled.disabled(it) } ?: Enabled.enabled

class StepStorageTest :
    FunSpec({
        test("a step has S3's endpoint and the keys of the account, and no other way to AWS") {
            val account = account()
            storage(account).use { storage ->
                runner(account, storage).use { runner ->
                    val listener = RecordingListener()
                    runner.start(bash("s-1", "env"), listener)
                    listener.exit()
                }
                val environment = account.step("j-1", "s-1").resolve("stdout").text().lines()
                environment shouldContain "AWS_ENDPOINT_URL_S3=${storage.uri()}"
                environment shouldContain "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS=${storage.uri()}"
                environment shouldContain
                    "AWS_SECRET_ACCESS_KEY=${storage.stepVariables()["AWS_SECRET_ACCESS_KEY"]}"
                environment shouldContain "AWS_ACCESS_KEY_ID=emrys-local"
                environment shouldContain "AWS_REGION=eu-west-1"
                environment shouldContain "AWS_ENDPOINT_URL=http://127.0.0.1:9"
            }
        }

        test("the next process of the account has the same port and key, in a file of mode 0600") {
            val account = account()
            val variables = storage(account).use { it.stepVariables() }
            account.storageFile().mode shouldBe "rw-------"
            storage(account).use { it.stepVariables() shouldBe variables }
            account.folder().openToOthers() shouldBe emptyList()
            val secret = variables.getValue("AWS_SECRET_ACCESS_KEY")
            "${StorageCredential("a", secret, true)}" shouldNotContain secret
        }

        test("when another process has the port, S3 is at another one") {
            val account = account()
            val before = storage(account).use { it.stepVariables() }
            val port = before.getValue("AWS_ENDPOINT_URL_S3").substringAfterLast(':').toInt()
            ServerSocket(port, 1, InetAddress.getLoopbackAddress()).use {
                storage(account).use { storage ->
                    storage.uri().port shouldNotBe port
                    storage.stepVariables() shouldContainAll
                        before.filterKeys { !it.startsWith("AWS_ENDPOINT_URL") }
                }
            }
        }

        test("aws s3 in a shell step reads and writes the objects of the account").config(
            enabledOrReasonIf = { onlyWithAws() }
        ) {
            val account = account()
            storage(account).use { storage ->
                account.s3().resolve("input").createDirectories().resolve("a b").writeText("input")
                runner(account, storage).use { runner ->
                    val listener = RecordingListener()
                    val script =
                        "set -e; aws s3 cp 's3://input/a b' local; aws s3 cp local s3://out/new/object; aws s3 ls s3://out/new/"
                    runner.start(bash("s-1", script), listener)
                    listener.exit().shouldBeInstanceOf<StepExit.Completed>()
                }
                account.s3().resolve("out/new/object").text() shouldBe "input"
                account.step("j-1", "s-1").resolve("stdout").text() shouldContain " object"
            }
        }

        test("a step that outlives the owner process reaches S3 again").config(
            enabledOrReasonIf = { onlyWithAws() }
        ) {
            val account = account()
            val go = temporaryFolder("emrys-go").resolve("go")
            storage(account).use { storage ->
                runner(account, storage).use { runner ->
                    val listener = RecordingListener()
                    val script =
                        "until [ -e $go ]; do sleep 0.1; done; echo hi | aws s3 cp - s3://out/late"
                    runner.start(bash("s-1", script), listener)
                    listener.awaitRunning()
                }
            }
            storage(account).use {
                go.writeText("")
                eventually(180.seconds) {
                    account.s3().resolve("out/late").exists() shouldBe true
                }
                account.s3().resolve("out/late").text() shouldBe "hi\n"
            }
        }
    })
