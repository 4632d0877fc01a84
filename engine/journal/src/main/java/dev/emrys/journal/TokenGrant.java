package dev.emrys.journal;

import java.time.Duration;

/**
 * The answer to one demand.
 *
 * @param tokens how many were granted: from 0 to the number that was asked for
 * @param retryAfter when fewer were granted: after how long to ask again, at most 5 s
 */
public record TokenGrant(int tokens, Duration retryAfter) {}
