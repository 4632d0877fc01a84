package dev.emrys.emulator;

import java.time.InstantSource;

/** What the emulator needs from outside. With deterministic ports it behaves the same in every run. */
public record EmulatorPorts(
        InstantSource clock,
        CallbackScheduler scheduler,
        IdSource ids,
        StepRunner runner,
        EmulatorStore store,
        Faults faults) {}
