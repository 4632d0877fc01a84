package dev.emrys.runtime;

import dev.emrys.drive.Target;
import dev.emrys.emr.ClusterReaper;

/** A target on which clusters may be left over when the process that drove their run is gone for good. */
public interface ReapTarget extends Target {
    /**
     * Finds and ends such clusters. The target must be connected.
     *
     * @return works until it or the target is closed
     */
    ClusterReaper reaper();
}
