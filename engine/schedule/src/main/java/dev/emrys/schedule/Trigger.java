package dev.emrys.schedule;

/** Fires when something happens, at no time that is known before: {@link Fires} gives none for it. */
public sealed interface Trigger extends Timing permits AfterSuccess, Arrival {}
