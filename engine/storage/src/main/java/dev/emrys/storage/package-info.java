/**
 * Knows: Amazon S3's REST protocol over folders: {@code s3://bucket/key} is the file {@code bucket/key}, as in the file
 * system of the steps (engine/s3fs). At the same address, Amazon CloudWatch Logs: see the package {@code
 * dev.emrys.storage.logs}.
 *
 * <p>Never: EMR, clusters, steps, and our other modules.
 *
 * <h2>What becomes of an object</h2>
 *
 * <p>An object is a file with mode 0600 that appears whole, by an atomic rename, or not at all. Unfinished ones are
 * beside the buckets, in {@code .emrys-uploads} and {@code .emrys-multipart}, and are deleted after 7 days. ETag,
 * content type, user metadata and checksum are in the extended attribute {@code user.emrys.object} of the file, which a
 * file system of Linux or macOS has and which is lost with a copy by other programs. A file without it, or changed
 * since, is an object too: its type is binary/octet-stream and its ETag has the form of a multipart upload's, from size
 * and time, so that no listing reads all files. A folder is the object {@code key/} only after this was put; others are
 * prefixes.
 *
 * <p>A key cannot be stored when a part of it is empty, {@code .}, {@code ..}, or longer than 255 bytes, or when it is
 * an object and a prefix of another one; to put it is an InvalidRequest, and it is never found.
 *
 * <h2>Why not a library</h2>
 *
 * <p>Tried with 54 cases of boto3 1.43, and measured on 2 cores with JDK 17 ({@code -XX:TieredStopAtLevel=1
 * -XX:+UseSerialGC -Xmx256m}; processor time of {@code /proc/PID/stat} until the first answer, memory after the cases):
 * <table>
 *   <caption>S3 servers compared</caption>
 *   <tr><th>server</th><th>jars</th><th>start</th><th>memory</th><th>why not</th></tr>
 *   <tr><td>s3proxy 3.0.0, filesystem-nio2 (Apache-2.0)</td><td>171 of 54 MB</td><td>1.7 s</td><td>181 MB</td>
 *     <td>it writes parts of uploads and temporary files into the bucket, where steps list them; answers 500 to each
 *     list of a bucket that has such a file left; rejects presigned URLs of boto3 with 403; does not return
 *     checksums</td></tr>
 *   <tr><td>s3mock 4.8.0 (Apache-2.0)</td><td>90 of 57 MB</td><td></td><td></td>
 *     <td>not tried: it keeps each object in a folder with a UUID as its name</td></tr>
 *   <tr><td>this module</td><td>none: Jetty and Jackson are the emulator's</td><td>0.8 s</td><td>143
 * MB</td><td></td></tr>
 * </table>
 *
 * <h2>Who may do what</h2>
 *
 * <p>The endpoint listens on 127.0.0.1, to which all users of the machine can connect. A request needs a signature by a
 * secret key: version 4, or version 2 in a presigned URL, which boto3 and awscli still make by default. Without one it
 * is rejected by its head. As in the emulator's endpoint, a connection without a signed request is closed after 10 s,
 * at most 256 of these are open, and 1,024 in all; at most 32 requests are handled at once, of which each holds 128 KiB
 * of a body at most. A client with the key may use up the disk.
 */
@NullMarked
package dev.emrys.storage;

import org.jspecify.annotations.NullMarked;
