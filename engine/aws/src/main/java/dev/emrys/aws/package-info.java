/**
 * Knows: what concerns AWS accounts: which credentials, region and role a run uses, whose they are, and what AWS's
 * refusals mean.
 *
 * <p>Never: how a run is carried out on EMR, the journal, or the language.
 */
@NullMarked
package dev.emrys.aws;

import org.jspecify.annotations.NullMarked;
