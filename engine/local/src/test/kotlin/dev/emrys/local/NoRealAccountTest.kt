package dev.emrys.local

import dev.emrys.emulator.StepExit
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import io.kotest.matchers.types.shouldBeInstanceOf
import java.nio.file.Files
import java.nio.file.Path

/**
 * A local step cannot reach the author's AWS account. The build sets variables that lead to an
 * account (see the pom): none of them reaches a step, and Amazon's SDK in a step finds dummy keys
 * and a closed port.
 */
class NoRealAccountTest :
    FunSpec({
        test("this JVM has the variables that a step must not have") {
            System.getenv("AWS_ACCESS_KEY_ID") shouldBe "AKIAREALREALREALREAL"
            System.getenv("AWS_SESSION_TOKEN") shouldBe "a-real-token"
        }

        test("no variable of the author's environment that leads to AWS reaches a step") {
            val account = account()
            localStepRunner(account).use { runner ->
                val listener = RecordingListener()
                runner.start(bash("s-1", "env; echo home=~"), listener)
                listener.exit()
            }
            val environment = account.step("j-1", "s-1").resolve("stdout").text()
            environment
                .lines()
                .filter { it.contains("REAL") || it.contains("real") }
                .shouldBeEmpty()
            environment shouldContain "AWS_ACCESS_KEY_ID=emrys-local"
            environment shouldContain "AWS_EC2_METADATA_DISABLED=true"
            environment shouldContain "AWS_ENDPOINT_URL=http://127.0.0.1:9"
            environment shouldContain Regex("(?m)^no_proxy=(.+,)?127\\.0\\.0\\.1,localhost$")
            environment shouldContain Regex("(?m)^NO_PROXY=(.+,)?127\\.0\\.0\\.1,localhost$")
            environment shouldContain "home=" + account.folder().resolve("clusters/j-1/home")
            environment shouldNotContain "AWS_PROFILE"
        }

        test("the hosts that the author's proxy is not for stay, beside this machine") {
            fun hosts(vararg parent: Pair<String, String>): Set<String?> {
                val home = Path.of("/home")
                val step = StepEnvironment.of(mapOf(*parent), home, home, emptyMap())
                return setOf(step["no_proxy"], step["NO_PROXY"])
            }
            hosts() shouldBe setOf("127.0.0.1,localhost")
            hosts("NO_PROXY" to "a.example") shouldBe setOf("a.example,127.0.0.1,localhost")
            hosts("no_proxy" to "b", "NO_PROXY" to "a") shouldBe setOf("b,127.0.0.1,localhost")
        }

        test("Amazon's SDK in a step finds dummy keys and a closed port on loopback") {
            val account = account()
            localStepRunner(account).use { runner ->
                val listener = RecordingListener()
                val java = ProcessHandle.current().info().command().get()
                runner.start(
                    launch(
                        "s-1",
                        java,
                        "-cp",
                        System.getProperty("java.class.path"),
                        "dev.emrys.local.AwsProbe",
                    ),
                    listener,
                )
                listener.exit().shouldBeInstanceOf<StepExit.Completed>()
            }
            val output = account.step("j-1", "s-1").resolve("stdout").text()
            output shouldContain "key emrys-local"
            output shouldContain "failed to reach 127.0.0.1:9"
        }

        test("only this user may read the owner's token") {
            val account = account()
            account.create()
            OwnerAddress(1, "the-token", "p", 1).write(account.ownerFile())
            Files.getPosixFilePermissions(account.ownerFile()).map { it.name }.toSet() shouldBe
                setOf("OWNER_READ", "OWNER_WRITE")
        }

        test("a cluster's exports cannot name an account") {
            val account = account()
            val exports =
                exports(
                    "hadoop-env",
                    "AWS_ACCESS_KEY_ID" to "real",
                    "EMRYS_S3_ROOT" to "/",
                    "OK" to "yes",
                )
            localStepRunner(account).use { runner ->
                val listener = RecordingListener()
                runner.start(launch("s-1", "env", configurations = listOf(exports)), listener)
                listener.exit()
            }
            val env = account.step("j-1", "s-1").resolve("stdout").text().lines()
            env shouldContain "OK=yes"
            env shouldContain "AWS_ACCESS_KEY_ID=emrys-local"
            env shouldContain "EMRYS_S3_ROOT=${account.s3()}"
            account.step("j-1", "s-1").resolve("controller").text() shouldContain
                "WARNING The export AWS_ACCESS_KEY_ID is ignored"
        }
    })
