/**
 * Knows: how a message about a run or a schedule reaches people: a webhook, a command, e-mail or Amazon SNS, with
 * retries, deduplication and one queue per channel.
 *
 * <p>Never: runs, journals, scripts, or what is worth a message.
 */
@NullMarked
package dev.emrys.notify;

import org.jspecify.annotations.NullMarked;
