package dev.emrys.view;

import org.jspecify.annotations.Nullable;

/**
 * One attempt of a task that the target has accepted.
 *
 * @param number from 1
 * @param scopeId the target's id of the cluster that it was submitted to; null when the task needs none
 * @param remoteId the target's id of the attempt
 */
public record AttemptView(String task, int number, @Nullable String scopeId, String remoteId) {}
