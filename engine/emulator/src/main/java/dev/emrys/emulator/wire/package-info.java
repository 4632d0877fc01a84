/**
 * Knows: EMR's JSON 1.1 protocol, generically over the SDK's own field metadata: any request and response, text and HTTP.
 *
 * <p>Never: what an operation does. It serves any {@code EmrClient}.
 */
@NullMarked
package dev.emrys.emulator.wire;

import org.jspecify.annotations.NullMarked;
