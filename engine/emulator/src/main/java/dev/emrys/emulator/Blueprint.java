package dev.emrys.emulator;

import com.google.common.collect.ImmutableList;
import software.amazon.awssdk.services.emr.model.RunJobFlowRequest;

/**
 * What a cluster was asked to be; never changes.
 *
 * @param request without its steps and passwords
 * @param groupIds the ids of its instance groups or fleets, in the request's order
 */
record Blueprint(String clusterId, RunJobFlowRequest request, ImmutableList<String> groupIds) {}
