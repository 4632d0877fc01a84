package dev.emrys.drive;

import java.time.Instant;

/**
 * Which run a target works for.
 *
 * @param id globally unique
 * @param name memorable, unique in its journal
 * @param pipeline the pipeline's name
 * @param begun when it was recorded: nothing that the target has of it is older
 */
public record RunIdentity(String id, String name, String pipeline, Instant begun) {}
