package dev.emrys.emulator;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * A resource of the account at one moment.
 *
 * @param kind such as {@code studio}
 * @param sequence its position among those of its kind, in the order of creation
 * @param json must not be changed
 */
record AccountResource(String kind, String id, long sequence, ObjectNode json) {}
