package dev.emrys.cli

/** The exit codes of `emrys`. Scripts depend on them: a code never changes its meaning. */
internal enum class ExitCode(val code: Int) {
    SUCCEEDED(0),
    PIPELINE_FAILED(1),
    USER_ERROR(2),
    EXTERNAL_FAILURE(3),
    DRIVEN_ELSEWHERE(4),
    INTERNAL_ERROR(70),
    INTERRUPTED(130),
}
