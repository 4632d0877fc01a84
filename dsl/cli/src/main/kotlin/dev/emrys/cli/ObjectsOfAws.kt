package dev.emrys.cli

import dev.emrys.language.DeclaredSchedule
import dev.emrys.schedule.Arrival
import dev.emrys.spec.AwsCode
import dev.emrys.spec.Diagnostic

/** Schedules that wait for objects: those of the local target's folder, and none on Amazon S3. */
internal object ObjectsOfAws {
    /**
     * An error for each that waits in vain.
     *
     * @param target the name of the target of its runs
     */
    fun find(schedules: List<DeclaredSchedule>, target: String): List<Diagnostic> =
        if (target != TargetName.AWS.text) emptyList()
        else
            schedules.mapNotNull { declared ->
                val timing = declared.schedule.timing()
                if (timing is Arrival && timing.kind() == Arrival.Kind.OBJECT)
                    AwsCode.OBJECT_ARRIVAL.at(
                        declared.location,
                        declared.schedule.id(),
                        timing.location(),
                    )
                else null
            }
}
