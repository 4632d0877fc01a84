package dev.emrys.cli

/** What `emrys` tells its caller. */
internal enum class ExitCode(val code: Int) {
    SUCCEEDED(0),
    PIPELINE_FAILED(1),
    MISTAKE(2),
    OUTSIDE(3),
    HELD(4),
    BUG(70),
    INTERRUPTED(130),
}
