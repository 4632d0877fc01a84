package dev.emrys.language

/**
 * Marks a block of the pipeline language. Inside one block the words of an outer one are out of
 * reach, so `cluster` within `cluster { }` does not compile instead of meaning something
 * surprising.
 */
@DslMarker @Target(AnnotationTarget.CLASS) public annotation class EmrysDsl
