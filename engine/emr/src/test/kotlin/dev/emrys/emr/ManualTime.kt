package dev.emrys.emr

import dev.emrys.drive.Timers as DriveTimers
import dev.emrys.emulator.CallbackScheduler
import dev.emrys.testing.SettableTime
import java.time.Instant

/** The time of the effects and of the emulator. */
class ManualTime : SettableTime(), DriveTimers {
    override fun at(due: Instant, action: Runnable): DriveTimers.Scheduled {
        val cancel = schedule(due, action)
        return DriveTimers.Scheduled { cancel() }
    }

    /** The same time, for the emulator. */
    val emulatorScheduler = CallbackScheduler { due, action -> at(due, action) }
}
