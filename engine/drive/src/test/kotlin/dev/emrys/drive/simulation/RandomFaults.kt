package dev.emrys.drive.simulation

import dev.emrys.graph.TaskGraph
import dev.emrys.testing.randomGraph
import java.time.Duration
import kotlin.random.Random

/** Most attempts succeed; faults are derived from the seed, the task and the attempt. */
class RandomFaults(private val seed: Long) : Faults {
    private fun of(task: String, attempt: Int) = Random(seed * 31 + task.hashCode() * 7L + attempt)

    override fun cluster(task: String, attempt: Int): ClusterFaults {
        val random = of(task, attempt)
        return ClusterFaults(
            refused = random.nextInt(25) == 0,
            startTime = Duration.ofSeconds(random.nextLong(30, 400)),
            starts = random.nextInt(8) != 0,
            lostAfter =
                if (random.nextInt(5) == 0) Duration.ofSeconds(random.nextLong(1, 600)) else null,
        )
    }

    override fun step(task: String, attempt: Int): StepFaults {
        val random = of(task, attempt)
        return StepFaults(
            refused = random.nextInt(40) == 0,
            queueTime = Duration.ofSeconds(random.nextLong(1, 30)),
            runTime = Duration.ofSeconds(random.nextLong(1, 300)),
            end = if (random.nextInt(3) == 0) End.entries.random(random) else End.SUCCEEDS,
            canBeCancelled = random.nextInt(4) != 0,
        )
    }
}

fun randomPipeline(random: Random): TaskGraph =
    randomGraph(random, mostSteps = 10, clusterAttempts = 3, timeouts = 10L..199L, mostCapacity = 5)
