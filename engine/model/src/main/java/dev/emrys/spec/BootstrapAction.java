package dev.emrys.spec;

import com.google.common.collect.ImmutableList;

/** A script that EMR runs on every instance before the applications start. */
public record BootstrapAction(String name, String path, ImmutableList<String> args) {}
