package dev.emrys.testing

import java.nio.file.Files
import java.nio.file.Path

/** A folder that is deleted when the JVM ends: until then a process may write there. */
public fun temporaryFolder(name: String): Path =
    Files.createTempDirectory(name).toRealPath().also { folder ->
        Runtime.getRuntime().addShutdownHook(Thread { folder.toFile().deleteRecursively() })
    }

/**
 * The cache folder that all tests of a build share, in the project's `target`: what is downloaded
 * and prepared once for a machine is prepared once for a build. Outside of Maven, one for this JVM.
 */
public val SHARED_CACHE: Path by lazy {
    System.getProperty("emrys.test.cache")?.let {
        Files.createDirectories(Path.of(it)).toRealPath()
    } ?: temporaryFolder("emrys-cache")
}
