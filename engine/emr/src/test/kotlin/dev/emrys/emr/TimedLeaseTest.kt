package dev.emrys.emr

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldContainAll
import java.time.Duration

/** A run whose lease ends while its driver lives, as one in a database does. */
class TimedLeaseTest :
    FunSpec({
        val changing = listOf("RunJobFlow", "AddJobFlowSteps", "CancelSteps", "TerminateJobFlows")

        overBoth("nothing is sent that may take longer than what is left of the lease") {
            val id = madeCluster(concurrency = 10)
            val running = madeStep(id, "x #run-1.x.1")
            val other = madeCluster()
            leaseLeft = { Duration.ofSeconds(14) }
            perform(start(), submit(id, "a"), cancelStep(id, running, "x"), endCluster(other))
            pass(Duration.ofSeconds(60))
            recorded.operations().filter { it in changing }.shouldBeEmpty()
            leaseLeft = { Duration.ofSeconds(15) }
            pass(Duration.ofSeconds(60))
            recorded.operations() shouldContainAll changing
        }

        overBoth("what changes nothing is asked without a lease") {
            val id = madeCluster()
            leaseLeft = { Duration.ZERO }
            perform(watchCluster(id))
            pass(Duration.ofSeconds(60))
            recorded.operations() shouldContain "DescribeCluster"
        }
    })
