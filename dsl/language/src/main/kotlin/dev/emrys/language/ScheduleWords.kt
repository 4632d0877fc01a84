package dev.emrys.language

import dev.emrys.schedule.Arrival
import kotlin.time.Duration

/**
 * What becomes of a fire whose local time does not exist, because the clock is set forward: 02:30
 * on the last Sunday of March in Berlin.
 */
public enum class Gap {
    /** It fires later, by the length of the gap: at 03:30. */
    Shift,

    /** It does not fire on that day. */
    Skip,
}

/** What becomes of a fire whose local time happens twice, because the clock is set back. */
public enum class Repeat {
    /** It fires at the first one. */
    First,

    /** It fires at the second one. */
    Last,

    /** It fires at both. */
    Both,
}

/**
 * Which of the fires that were missed, while nothing ran the schedules or the machine slept, are
 * started afterwards. A fire that is late by a minute at most is not missed.
 */
public sealed class CatchUp {
    /** None of them. */
    public data object None : CatchUp()

    /** The last one, unless the next fire is due by then. */
    public data object Last : CatchUp()

    /**
     * All of them, the oldest first, one after the other.
     *
     * @property max the most that are started, from 1 to 10,000: of more the newest
     */
    public data class All(val max: Int) : CatchUp()
}

/** What becomes of a fire while a run of the same schedule is running. */
public sealed class Overlap {
    /** It is skipped. */
    public data object Skip : Overlap()

    /** It starts when the running one has ended; while one waits, further ones are skipped. */
    public data object BufferOne : Overlap()

    /**
     * It starts when the running one and those that wait already have ended.
     *
     * @property max the most that wait, from 1 to 10,000; further ones are skipped
     */
    public data class BufferAll(val max: Int) : Overlap()

    /** The running one is cancelled; it starts when that one and its clusters have ended. */
    public data object CancelOther : Overlap()

    /** The running ones are cancelled; it starts at once, while their clusters end. */
    public data object TerminateOther : Overlap()

    /** It starts beside the running ones. */
    public data object Allow : Overlap()
}

/** The interval of a schedule, from [PipelineScope.every]. */
public class Every internal constructor(internal val period: Duration)

/**
 * What a schedule waits for, from [PipelineScope.afterSuccess], [PipelineScope.fileArrival] or
 * [PipelineScope.objectArrival].
 */
public sealed class Trigger {
    /** For messages: the schedule … */
    internal abstract val does: String

    internal class Success(val pipeline: String) : Trigger() {
        override val does = "waits for runs of another pipeline"
    }

    internal class Arriving(val kind: Arrival.Kind, val location: String) : Trigger() {
        override val does = "waits for files or objects"
    }
}
