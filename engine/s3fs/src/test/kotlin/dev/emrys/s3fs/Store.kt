package dev.emrys.s3fs

import java.net.URI
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.walk
import org.apache.hadoop.conf.Configuration
import org.apache.hadoop.fs.FileSystem

/** A new folder of buckets, and Hadoop's file systems for it. */
internal class Store(val root: Path = Files.createTempDirectory("s3root")) {
    val conf: Configuration
        get() = Configuration().apply { set(S3Root.SETTING, root.toString()) }

    /** Not from Hadoop's cache, which does not distinguish roots. */
    fun fs(address: String): FileSystem = FileSystem.newInstance(URI.create(address), conf)

    fun filesOnDisk(): List<String> =
        root.walk().map { root.relativize(it).toString() }.toList().sorted()

    fun uploads(): List<String> = filesOnDisk().filter { it.startsWith(Bucket.UPLOADS) }
}

internal fun FileSystem.put(key: String, text: String, overwrite: Boolean = true) {
    create(path(key), overwrite).use { it.write(text.toByteArray()) }
}

internal fun FileSystem.text(key: String): String =
    open(path(key)).use { it.readAllBytes().decodeToString() }

internal fun FileSystem.path(key: String) =
    org.apache.hadoop.fs.Path(uri.scheme, uri.authority, "/$key")

internal fun FileSystem.keys(folder: String): List<String> =
    listStatus(path(folder)).map { it.path.name }
