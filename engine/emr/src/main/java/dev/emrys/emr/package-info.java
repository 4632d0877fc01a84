/**
 * Knows: how commands are carried out on EMR: requests, names that carry keys, quotas that processes share, adoption,
 * status polling, what an answer means.
 *
 * <p>Never: the journal, the language, or whether the endpoint is AWS or an emulator.
 */
@NullMarked
package dev.emrys.emr;

import org.jspecify.annotations.NullMarked;
