package dev.emrys.aws

import com.google.common.collect.ImmutableMap
import dev.emrys.emr.Endpoint
import dev.emrys.emulator.Emulator
import dev.emrys.emulator.EmulatorPorts
import dev.emrys.emulator.EmulatorSettings
import dev.emrys.emulator.IdSource
import dev.emrys.emulator.InMemoryStore
import dev.emrys.emulator.PlannedFaults
import dev.emrys.emulator.wire.WireServer
import dev.emrys.spec.AwsCode
import dev.emrys.testing.SettableTime
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.string.shouldContain
import io.mockk.mockk
import java.net.ServerSocket
import java.util.Random
import java.util.concurrent.RejectedExecutionException
import kotlin.io.path.writeText

private const val KEY = "right-key"

/** Of another account. */
private const val OTHER_KEY = "other-key"

/** An empty account that executes nothing. */
private fun emulator(account: String): Emulator =
    Emulator(
        EmulatorPorts(
            SettableTime(java.time.Instant.now()),
            mockk(relaxed = true),
            IdSource.of(Random(1)),
            mockk(relaxed = true),
            InMemoryStore(),
            PlannedFaults(),
        ),
        EmulatorSettings.DEFAULT.run {
            EmulatorSettings(
                region,
                account,
                starting,
                bootstrapping,
                terminating,
                maxActiveClusters,
                retention,
                quotas,
            )
        },
    )

class AwsAccessTest :
    FunSpec({
        val folder = tempdir().toPath()
        val credentials = folder.resolve("credentials")
        val emulator = emulator("123456789012")
        val another = emulator("210987654321")
        val server = WireServer(ImmutableMap.of(KEY, emulator, OTHER_KEY, another), 0)
        val properties =
            mapOf(
                "aws.sharedCredentialsFile" to "$credentials",
                "aws.configFile" to "${folder.resolve("config")}",
                "aws.disableEc2Metadata" to "true",
            )

        fun write(key: String) =
            credentials.writeText("[prod]\naws_access_key_id = $key\naws_secret_access_key = any\n")

        fun access(
            profile: String = "prod",
            region: String? = "eu-central-1",
            role: String? = null,
            endpoint: String = "${server.uri()}",
        ) = AwsAccess(AwsSettings(profile, region, role, endpoint), "emrys-run-1")

        beforeSpec { properties.forEach(System::setProperty) }

        afterSpec {
            properties.keys.forEach(System::clearProperty)
            server.close()
            emulator.close()
            another.close()
        }

        beforeTest { write(KEY) }

        test("the caller of a profile is known, and where") {
            access().use {
                val caller = it.identity()
                it.probe()
                caller.account() shouldBe emulator.accountId()
                caller.region() shouldBe "eu-central-1"
                caller.arn() shouldBe "arn:aws:iam::${emulator.accountId()}:root"
                AwsSettings("prod", null, null, "http://x").recorded(caller) shouldBe
                    ImmutableMap.of(
                        "account",
                        emulator.accountId(),
                        "region",
                        "eu-central-1",
                        "profile",
                        "prod",
                        "endpoint",
                        "http://x",
                    )
            }
        }

        test("a role is assumed with the credentials of the profile") {
            val role = "arn:aws:iam::${emulator.accountId()}:role/etl"
            access(role = role).use { it.identity().account() shouldBe emulator.accountId() }
            shouldThrow<AwsException> { access(role = "etl").use { it.identity() } }
                .diagnostic()
                .let {
                    it.code() shouldBe AwsCode.ROLE_UNUSABLE
                    it.what() shouldContain "etl"
                }
        }

        test("a wrong key, an unknown profile and an endpoint that is not there are told apart") {
            write("wrong-key")
            fun code(access: AwsAccess) =
                shouldThrow<AwsException> { access.use { it.identity() } }.diagnostic().code()
            code(access()) shouldBe AwsCode.CREDENTIALS_INVALID
            code(access(profile = "pord")) shouldBe AwsCode.PROFILE_UNKNOWN
            val free = ServerSocket(0).use { it.localPort }
            code(access(endpoint = "http://127.0.0.1:$free")) shouldBe AwsCode.UNREACHABLE
        }

        test("credentials that were renewed outside are used after a refusal") {
            write("wrong-key")
            access().use {
                val caller = AwsIdentity(emulator.accountId(), "eu-central-1", "x")
                val endpoint = AwsEndpoint(it, caller)
                shouldThrow<Endpoint.CredentialsException> { endpoint.client().listClusters() }
                write(KEY)
                endpoint.credentialsRefused()
                endpoint.client().listClusters().clusters().size shouldBe 0
            }
        }

        test("credentials that became another account's are not used, until they are right again") {
            another.accountId() shouldNotBe emulator.accountId()
            access().use {
                val endpoint =
                    AwsEndpoint(it, AwsIdentity(emulator.accountId(), "eu-central-1", "x"))
                endpoint.client().listClusters().clusters().size shouldBe 0
                write(OTHER_KEY)
                endpoint.credentialsRefused()
                repeat(2) {
                    shouldThrow<Endpoint.CredentialsException> { endpoint.client().listClusters() }
                        .message shouldBe
                        "This process uses the AWS account ${emulator.accountId()}; " +
                            "its credentials are of ${another.accountId()} now."
                    endpoint.credentialsRefused()
                }
                write(KEY)
                endpoint.credentialsRefused()
                endpoint.client().listClusters().clusters().size shouldBe 0
            }
        }

        test("credentials whose account AWS cannot tell at the moment are not used") {
            val free = ServerSocket(0).use { it.localPort }
            access(endpoint = "http://127.0.0.1:$free").use {
                val endpoint =
                    AwsEndpoint(it, AwsIdentity(emulator.accountId(), "eu-central-1", "x"))
                shouldThrow<Endpoint.UnavailableException> { endpoint.client().listClusters() }
                    .message shouldContain "AWS STS in eu-central-1 cannot be reached"
            }
        }

        test("a role that cannot be assumed since there is no network is told as such") {
            val role = "arn:aws:iam::${emulator.accountId()}:role/etl"
            val free = ServerSocket(0).use { it.localPort }
            shouldThrow<AwsException> {
                    access(role = role, endpoint = "http://127.0.0.1:$free").use { it.identity() }
                }
                .diagnostic()
                .code() shouldBe AwsCode.UNREACHABLE
        }

        test("after the close the client of EMR is closed") {
            val access = access()
            val client = access.emr()
            access.close()
            shouldThrow<RejectedExecutionException> { client.listClusters() }
        }

        test("processes that use the same account and region share its quotas") {
            access().use {
                val endpoint = AwsEndpoint(it, AwsIdentity("123456789012", "eu-central-1", "x"))
                endpoint.account().get() shouldBe "123456789012/eu-central-1"
            }
        }
    })
