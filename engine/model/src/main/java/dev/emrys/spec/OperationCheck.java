package dev.emrys.spec;

/**
 * Checks an operation on a cluster.
 *
 * @param name of the operation
 * @param location where it was written
 */
record OperationCheck(String name, SourceLocation location, Diagnostics diagnostics) {}
