package dev.emrys.emr

import dev.emrys.emr.ClusterReaper.Ended
import dev.emrys.emr.ClusterReaper.Ending
import dev.emrys.emr.LeasedCluster.Verdict
import dev.emrys.emulator.Fault
import dev.emrys.run.Event
import dev.emrys.testing.keptAfterRun
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.collections.shouldNotContain
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeInstanceOf
import java.time.Duration
import java.util.concurrent.CompletionException
import software.amazon.awssdk.services.emr.model.ClusterState
import software.amazon.awssdk.services.emr.model.Tag

private val HOUR: Duration = Duration.ofHours(1)

private fun EmrHarness.list(reaper: ClusterReaper): List<LeasedCluster> {
    val listed = reaper.clusters()
    time.settle()
    return listed.join()
}

private fun EmrHarness.end(
    reaper: ClusterReaper,
    cluster: LeasedCluster,
    unprotect: Boolean = false,
): Ended {
    val ended = reaper.end(cluster, unprotect)
    time.settle()
    return ended.join()
}

/** A cluster whose run is not driven any more. */
private fun EmrHarness.abandonedCluster(): String {
    perform(start(clusterSpec(idleTimeout = Duration.ofDays(7))))
    return all<Event.AttemptAccepted>().last().remoteId
}

private fun EmrHarness.tag(clusterId: String, key: String, value: String) {
    emulator.addTags {
        it.resourceId(clusterId).tags(Tag.builder().key(key).value(value).build())
    }
}

private fun EmrHarness.state(clusterId: String) = status(clusterId).state()

class ClusterReaperTest :
    FunSpec({
        overBoth("a cluster without a driver is overdue when its lease and the margin are over") {
            val id = abandonedCluster()
            ClusterReaper(account).use { reaper ->
                fun verdict() = list(reaper).single().verdict(reaper.now(), HOUR, false, false)
                verdict() shouldBe Verdict.LEASED
                pass(HOUR.multipliedBy(6))
                verdict() shouldBe Verdict.LEASED
                pass(HOUR)
                verdict() shouldBe Verdict.IN_MARGIN
                pass(seconds(1))
                verdict() shouldBe Verdict.OVERDUE
                val cluster = list(reaper).single()
                cluster.id() shouldBe id
                cluster.run() shouldBe RunTags("run-1", "brave-otter", "daily-etl")
                cluster.verdict(reaper.now(), HOUR, true, false) shouldBe Verdict.DRIVEN
                end(reaper, cluster) shouldBe Ended(Ending.ACCEPTED, "")
                state(id) shouldBe ClusterState.TERMINATED
                list(reaper).shouldBeEmpty()
            }
        }

        overBoth(
            "clusters of others are not listed, and those without a key are not even asked for"
        ) {
            madeCluster("somebody's")
            val marked = madeCluster("somebody's #1")
            val copied = madeCluster("somebody's #run-1.t1.1")
            // Tags of Emrys on a cluster that has another key in its name.
            tag(copied, "emrys:run", "run-1")
            tag(copied, "emrys:key", "run-1.t2.1")
            tag(copied, "emrys:expires-at", "2020-01-01T00:00:00Z")
            ClusterReaper(account).use { reaper ->
                recorded.calls.clear()
                list(reaper).shouldBeEmpty()
                recorded.operations() shouldContainExactly
                    listOf("ListClusters", "DescribeCluster", "DescribeCluster")
                list(reaper).map { it.id() } shouldNotContain marked
            }
        }

        overBoth("a cluster that is kept after its run is not ended, however old its lease is") {
            perform(start(clusterSpec(idleTimeout = Duration.ofDays(7)).keptAfterRun()))
            pass(HOUR.multipliedBy(9))
            ClusterReaper(account).use { reaper ->
                val cluster = list(reaper).single()
                cluster.verdict(reaper.now(), HOUR, false, false) shouldBe Verdict.KEPT
                cluster.verdict(reaper.now(), HOUR, false, true) shouldBe Verdict.KEPT
                cluster.verdict(reaper.now(), HOUR, true, false) shouldBe Verdict.DRIVEN
            }
        }

        overBoth("a cluster without an expiry, or with one that cannot be read, is kept") {
            val id = abandonedCluster()
            pass(HOUR.multipliedBy(8))
            ClusterReaper(account).use { reaper ->
                fun verdict() = list(reaper).single().verdict(reaper.now(), HOUR, false, false)
                tag(id, "emrys:expires-at", "never")
                verdict() shouldBe Verdict.UNREADABLE_EXPIRY
                emulator.removeTags { it.resourceId(id).tagKeys("emrys:expires-at") }
                verdict() shouldBe Verdict.WITHOUT_EXPIRY
            }
        }

        overBoth("a protected cluster is ended only when its protection may be switched off") {
            val id = abandonedCluster()
            emulator.setTerminationProtection { it.jobFlowIds(id).terminationProtected(true) }
            pass(HOUR.multipliedBy(8))
            ClusterReaper(account).use { reaper ->
                val cluster = list(reaper).single()
                cluster.verdict(reaper.now(), HOUR, false, false) shouldBe Verdict.PROTECTED
                cluster.verdict(reaper.now(), HOUR, false, true) shouldBe Verdict.OVERDUE
                end(reaper, cluster).ending() shouldBe Ending.PROTECTED
                state(id) shouldBe ClusterState.WAITING
                end(reaper, cluster, unprotect = true).ending() shouldBe Ending.ACCEPTED
                state(id) shouldBe ClusterState.TERMINATED
            }
        }

        overBoth("a cluster that was renewed or has ended since it was listed is not ended") {
            val id = abandonedCluster()
            pass(HOUR.multipliedBy(8))
            ClusterReaper(account).use { reaper ->
                val cluster = list(reaper).single()
                // A process has resumed the run.
                perform(watchCluster(id))
                end(reaper, cluster).ending() shouldBe Ending.RENEWED
                state(id) shouldBe ClusterState.WAITING
                end(id)
                end(reaper, cluster).ending() shouldBe Ending.GONE
            }
        }

        overBoth("whether a lease is over is decided by the endpoint's clock") {
            abandonedCluster()
            pass(HOUR.multipliedBy(6))
            clockAhead = HOUR.multipliedBy(-3)
            ClusterReaper(account).use { reaper ->
                pass(HOUR.multipliedBy(3))
                list(reaper).single().verdict(reaper.now(), HOUR, false, false) shouldBe
                    Verdict.LEASED
            }
        }

        overBoth("throttles and lost answers are waited for, and a refusal is told") {
            val id = abandonedCluster()
            faults.plan("ListClusters", Fault.Throttle(), Fault.ErrorAfter())
            faults.plan("DescribeCluster", Fault.Throttle())
            ClusterReaper(account).use { reaper ->
                val listed = reaper.clusters()
                pass(minutes(1))
                listed.join().map { it.id() } shouldContainExactly listOf(id)

                faults.plan("TerminateJobFlows", Fault.Refuse("Not you."))
                end(reaper, listed.join().single()).let {
                    it.ending() shouldBe Ending.REFUSED
                    it.reason() shouldContain "Not you."
                }
                faults.plan("ListClusters", Fault.Refuse("Not you either."))
                shouldThrow<CompletionException> { list(reaper) }
                    .cause
                    .shouldBeInstanceOf<ClusterReaper.RefusedException>()
                    .message shouldContain "Not you either."
            }
        }

        test("what EMR lists on several pages is found, and keeps to the quota") {
            EmrHarness(wire = false, quotas = Quotas.EMR_DEFAULT).use { harness ->
                repeat(120) { number ->
                    val id = harness.madeCluster("c #run-1.t$number.1")
                    harness.tag(id, "emrys:run", "run-1")
                    harness.tag(id, "emrys:key", "run-1.t$number.1")
                }
                ClusterReaper(harness.account).use { reaper ->
                    val listed = reaper.clusters()
                    harness.pass(minutes(2))
                    listed.join().map { it.name() } shouldContainExactlyInAnyOrder
                        List(120) { "c #run-1.t$it.1" }
                    harness.recorded.calls
                        .filter { it.operation == "DescribeCluster" }
                        .map { it.at }
                        .windowed(11)
                        .forEach { eleven ->
                            Duration.between(eleven.first(), eleven.last())
                                .compareTo(Duration.ofMillis(900)) shouldBe 1
                        }
                }
            }
        }
    })
