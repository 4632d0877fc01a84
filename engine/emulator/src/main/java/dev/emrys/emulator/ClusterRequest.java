package dev.emrys.emulator;

import com.google.common.collect.ImmutableList;
import software.amazon.awssdk.services.emr.model.RunJobFlowRequest;

/**
 * The RunJobFlow request that a cluster was created from. Never changes.
 *
 * @param request without its steps and passwords
 * @param groupIds the ids of its instance groups or fleets, in the request's order
 */
record ClusterRequest(String clusterId, RunJobFlowRequest request, ImmutableList<String> groupIds) {}
