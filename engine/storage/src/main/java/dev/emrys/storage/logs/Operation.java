package dev.emrys.storage.logs;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;

/** An operation of the service. */
interface Operation {
    /**
     * Runs it.
     *
     * @param answer gets its members
     */
    void run(Parameters parameters, ObjectNode answer) throws IOException, LogsException;
}
