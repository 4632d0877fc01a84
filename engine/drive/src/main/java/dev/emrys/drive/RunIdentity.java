package dev.emrys.drive;

/**
 * Which run a target works for.
 *
 * @param id globally unique
 * @param name memorable, unique in its journal
 * @param pipeline the pipeline's name
 */
public record RunIdentity(String id, String name, String pipeline) {}
