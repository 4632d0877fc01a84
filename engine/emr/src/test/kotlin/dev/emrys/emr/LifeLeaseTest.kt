package dev.emrys.emr

import dev.emrys.emulator.EmulatorSettings
import dev.emrys.emulator.Fault
import dev.emrys.run.Event
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldHaveAtLeastSize
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.comparables.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.time.Duration
import java.time.Instant
import software.amazon.awssdk.awscore.exception.AwsErrorDetails
import software.amazon.awssdk.services.emr.model.AddTagsRequest
import software.amazon.awssdk.services.emr.model.EmrException

private const val TAG = "emrys:expires-at"

private fun hours(count: Long): Duration = Duration.ofHours(count)

private fun EmrHarness.expiry(clusterId: String): Instant = Instant.parse(tags(clusterId)[TAG])

private fun EmrHarness.left(clusterId: String): Duration =
    Duration.between(time.instant(), expiry(clusterId))

private fun EmrHarness.renewals(): List<AddTagsRequest> = recorded.requests()

/** A cluster that these effects have started, and watch. */
private fun EmrHarness.startedCluster(): String {
    perform(start(clusterSpec(idleTimeout = Duration.ofDays(7))))
    val id = all<Event.AttemptAccepted>().last().remoteId
    perform(watchCluster(id))
    return id
}

/** A cluster that another process has started for the run. */
private fun EmrHarness.foundCluster(): String {
    val id = madeCluster("etl #run-1.t1.1")
    perform(watchCluster(id))
    return id
}

private fun denied(text: String) =
    EmrException.builder()
        .statusCode(400)
        .awsErrorDetails(
            AwsErrorDetails.builder().errorCode("AccessDeniedException").errorMessage(text).build()
        )
        .build()

/** Asks once in a minute, as hours pass in these tests. */
private fun FunSpec.leases(
    name: String,
    settings: EmulatorSettings = EmulatorSettings.DEFAULT,
    wire: Boolean = false,
    behaves: EmrHarness.() -> Unit,
) =
    test(name) {
        EmrHarness(wire, settings, pollInterval = minutes(1)).use(behaves)
    }

class LifeLeaseTest :
    FunSpec({
        leases("a cluster expires 6 hours after its start, until a renewal in the third hour") {
            val id = startedCluster()
            expiry(id) shouldBe time.instant().plus(hours(6))
            pass(hours(3))
            renewals().shouldBeEmpty()
            pass(minutes(1))
            renewals().map { it.resourceId() } shouldContainExactly listOf(id)
            left(id) shouldBeLessThan hours(6).plusSeconds(1)
            left(id).compareTo(hours(6).minusMinutes(2)) shouldBe 1
            tags(id)["emrys:run"] shouldBe "run-1"
        }

        test("over a day a cluster is renewed every third hour, and always has at least 3 hours") {
            EmrHarness(wire = false, pollInterval = minutes(1)).use { harness ->
                val id = harness.startedCluster()
                repeat(24) {
                    harness.pass(hours(1))
                    harness.left(id).compareTo(hours(3).minusMinutes(2)) shouldBe 1
                }
                harness.renewals() shouldHaveSize 7
                harness.warnings.shouldBeEmpty()
            }
        }

        leases(
            "the process that takes a run over renews at once, as it knows no expiry",
            wire = true,
        ) {
            val id = foundCluster()
            renewals() shouldHaveSize 1
            expiry(id) shouldBe time.instant().plus(hours(6))
            pass(hours(2))
            renewals() shouldHaveSize 1
        }

        leases(
            "a cluster that was found after a lost reply is renewed, as its expiry is not known"
        ) {
            faults.plan("RunJobFlow", Fault.ErrorAfter())
            perform(start())
            pass(minutes(5))
            val id = all<Event.AttemptAccepted>().single().remoteId
            perform(watchCluster(id))
            renewals() shouldHaveSize 1
        }

        leases("a second cluster, of a lost reply that no listing shows in time, is not renewed") {
            faults.plan("RunJobFlow", Fault.HideFromListing(hours(1)))
            var lost = false
            recorded.after = {
                if (it == "RunJobFlow" && !lost) {
                    lost = true
                    throw noAnswer()
                }
            }
            perform(start(clusterSpec(idleTimeout = Duration.ofDays(7))))
            pass(minutes(5))
            val used = all<Event.AttemptAccepted>().single().remoteId
            perform(watchCluster(used))
            pass(hours(8))
            val surplus = clusters().map { it.id() }.single { it != used }
            left(used).isNegative shouldBe false
            left(surplus).isNegative shouldBe true
            tags(surplus)["emrys:key"] shouldBe "run-1.t1.1"
        }

        leases("a run that is released, or driven by another process, is not renewed any more") {
            val id = startedCluster()
            leaseLeft = { Duration.ZERO }
            pass(hours(4))
            renewals().shouldBeEmpty()
            leaseLeft = { hours(1) }
            pass(minutes(1))
            renewals() shouldHaveSize 1
            effects.close()
            pass(hours(9))
            renewals() shouldHaveSize 1
            left(id).isNegative shouldBe true
        }

        leases("a cluster that has ended, or whose end was asked for, is not renewed any more") {
            val id = startedCluster()
            end(id)
            pass(hours(4))
            renewals().shouldBeEmpty()
        }

        leases(
            "a cluster that takes hours to end is not renewed meanwhile",
            EmulatorSettings.DEFAULT.withDelays(seconds(0), seconds(0), hours(8)),
        ) {
            val id = startedCluster()
            perform(endCluster(id), watchEnd(id))
            pass(hours(5))
            renewals().shouldBeEmpty()
        }

        leases("a renewal that EMR refuses for hours is warned of once, and the run goes on") {
            val id = startedCluster()
            recorded.before = {
                if (it == "AddTags") throw denied("not authorized to perform: AddTags")
            }
            pass(hours(4))
            warnings.shouldBeEmpty()
            renewals() shouldHaveAtLeastSize 2
            pass(hours(3))
            warnings.single() shouldContain "The life lease of the cluster $id could not be renewed"
            warnings.single() shouldContain "not authorized to perform: AddTags"
            renewals() shouldHaveSize 24
            all<Event.AttemptFailed>().shouldBeEmpty()
            recorded.before = {}
            pass(minutes(11))
            left(id).compareTo(hours(5)) shouldBe 1
            warnings shouldHaveSize 1
        }

        leases("a renewal whose reply is lost is made again, without a word") {
            val id = startedCluster()
            pass(hours(3))
            faults.plan("AddTags", Fault.ErrorAfter(), Fault.Throttle(), Fault.ErrorBefore())
            pass(minutes(3))
            renewals() shouldHaveSize 4
            left(id).compareTo(hours(5)) shouldBe 1
            warnings.shouldBeEmpty()
        }

        leases("the expiry is by the endpoint's clock") {
            clockAhead = hours(-2)
            val id = startedCluster()
            expiry(id) shouldBe time.instant().plus(hours(4))
            pass(hours(3).plusMinutes(1))
            renewals() shouldHaveSize 1
            (left(id) > hours(4)) shouldBe false
        }

        test("the renewals of 200 clusters keep to EMR's quota, and take 7 minutes") {
            val emulated = EmulatorSettings.DEFAULT
            EmrHarness(wire = false, emulated, quotas = Quotas.EMR_DEFAULT).use { harness ->
                val ids = List(200) { harness.madeCluster("c$it #run-1.t$it.1") }
                ids.forEach { id -> harness.perform(watchCluster(id)) }
                harness.pass(minutes(8))
                val at = harness.recorded.calls.filter { it.operation == "AddTags" }.map { it.at }
                at shouldHaveSize 200
                Duration.between(at.first(), at.last()) shouldBeLessThan minutes(7)
                // A burst of 5, then one in 2 seconds.
                at.windowed(6).forEach { six ->
                    Duration.between(six.first(), six.last()).compareTo(seconds(1)) shouldBe 1
                }
                harness.warnings.shouldBeEmpty()
            }
        }
    })
