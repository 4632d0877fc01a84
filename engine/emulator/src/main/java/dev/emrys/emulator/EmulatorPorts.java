package dev.emrys.emulator;

import java.time.InstantSource;

/** Everything the emulator needs from outside; with fixed ports it behaves the same in every run. */
public record EmulatorPorts(
        InstantSource clock, Timers timers, IdSource ids, StepRunner runner, EmulatorStore store, Faults faults) {}
