/**
 * Knows: the API of Amazon CloudWatch Logs (JSON 1.1, 2014-03-28) over a folder: what its operations answer, and how
 * events are stored.
 *
 * <p>Never: HTTP, signatures, S3, EMR, and our other modules.
 *
 * <h2>What becomes of an event</h2>
 *
 * <p>A log group is a folder with its settings in {@code .group.json}, a log stream a file in it. The first line of the
 * file is the stream's name and creation time; each other line is an event as JSON, in the order in which they came.
 * The name of a folder or file is that of the group or stream, with percent-encoding ({@code /aws/emr/j-1} is {@code
 * %2Faws%2Femr%2Fj-1}); of a name that is too long for a file, only the beginning and a digest. Folders have mode 0700,
 * files 0600.
 *
 * <p>A batch is written to the file, in one append, before PutLogEvents answers. Then the end of this process loses
 * nothing. The file is not forced to the disk: after a loss of power the newest events may be missing, as those that
 * the operating system had not written yet. Settings and the creation of groups and streams are forced. A kill in the
 * middle of an append leaves a last line without its end; it is removed before the file is used again. A line that is
 * not an event is left out.
 *
 * <p>In memory, each stream has its name, the times of its first and last event, and one entry for 64 KiB of its file.
 * An answer has at most 10,000 events and 1 MiB of messages; to find them, only the parts of files are read that can
 * have them.
 *
 * <p>Events whose retention has ended are not shown. They are deleted when all events of a stream have ended, at the
 * next start.
 *
 * <p>One process may use a folder at a time. Classes are thread-safe unless they say otherwise.
 */
@NullMarked
package dev.emrys.storage.logs;

import org.jspecify.annotations.NullMarked;
