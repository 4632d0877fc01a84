package dev.emrys.journal;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Instant;

/**
 * The process that drives a run.
 *
 * @param pid its process id; 0 when it is not known
 * @param host where it runs
 * @param since when it acquired the run
 */
public record LockHolder(long pid, String host, Instant since) {
    /** Of a run that is held by a process that has not yet recorded itself. */
    static final LockHolder UNKNOWN = new LockHolder(0, "?", Instant.EPOCH);

    static LockHolder thisProcess() {
        return new LockHolder(ProcessHandle.current().pid(), hostName(), Instant.now());
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }
}
