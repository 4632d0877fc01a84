package dev.emrys.testing

import java.nio.file.Files
import java.nio.file.Path

/** A folder that is deleted when the JVM ends: until then a process may write there. */
public fun temporaryFolder(name: String): Path =
    Files.createTempDirectory(name).toRealPath().also { folder ->
        Runtime.getRuntime().addShutdownHook(Thread { folder.toFile().deleteRecursively() })
    }
