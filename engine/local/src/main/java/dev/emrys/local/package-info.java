/**
 * Knows: how steps run on this machine (Spark and Hadoop from the registry, supervised processes, {@code s3://} as
 * folders, logs) and the owner process of a local account.
 *
 * <p>Never: the modules run, drive, emr and dsl.
 *
 * <h2>Other users of the machine</h2>
 *
 * <p>The machine may have other users. They may run programs, connect to each port of the loopback address, and create
 * files where the modes of folders allow it. Root may do everything, so files of root are trusted.
 *
 * <p>Promised, on a file system with owners and modes:
 * <ul>
 *   <li>State folder, account folder, address file of the owner process, lock files, journal, emulator's database and
 *       secrets file are used only when they belong to this user or to root, and neither their group nor others may
 * write them. Of a symbolic link the owner of
 *       the link counts, and owner and mode of its target. This is checked before anything is read from them or sent to
 * the address. It does
 *       not matter whether the state folder was found above the script or was named. Error E602 names the command that
 * changes it.
 *   <li>The state folder, and each folder that Emrys creates in it, has mode 0700, each file 0600, or 0700 if it is a
 *       program. The umask does not matter. This includes the output and the published logs of steps, and what the file
 * systems for {@code s3://} and
 *       {@code hdfs://} and Hive's metastore store, but not what the program of a step creates by itself, in its
 * working folder for
 *       instance: this has the mode that its author expects. Other users cannot read it, because they may not enter the
 * folders above it.
 *   <li>Others lose the right to read a state folder, account folder, journal, database, lock or log of the owner
 *       process that exists and belongs to this user. Other files of an older version keep their modes. A named state
 * folder that also contains other things, such
 *       as a home folder, keeps its mode; the account and the journal in it do not.
 *   <li>A secrets file that others may read is reported (E414) and used.
 *   <li>What a step was given is not in the process list while Emrys starts it: neither in the arguments nor in the
 *       environment of its supervisor, which reads both from a file of mode 0600 and deletes it. The arguments of a JVM
 * that a step is started with, or that one
 *       of the cluster's programs starts, are not there at all, nor are the text of {@code bash -c} and the arguments
 * after its name; see
 *       {@link dev.emrys.local.HiddenArguments}.
 *   <li>What a step was given is kept no longer than it is needed: the emulator's store has it until the step has ended
 *       ({@link dev.emrys.emulator.EmulatorStore}), and configurations until the cluster has. SQLite overwrites what
 * was replaced; its
 *       write-ahead log is emptied when a cluster has ended. The controller log does not quote it.
 *   <li>Temporary files of a step are in its folder, and no other user can be first to create them. They are deleted
 *       when the step has ended and left no process, else with the cluster. The outputs of map tasks of an account
 * whose path has a space are in a folder of mode 0700
 *       in the system's folder for temporary files; see {@link dev.emrys.local.MapOutputs}.
 *   <li>All ports are on the loopback address: those of the owner process, for EMR and for S3 with CloudWatch Logs, and
 *       two of each Spark driver, for requests and for blocks, and of a Python program also those between the driver,
 * Python and its workers, which answer only who knows the secret that Spark makes for
 *       each application; and that of the cluster's Hive metastore service, which answers only who proves to know the
 * secret in a file of
 *       mode 0600 (SASL with DIGEST-MD5, by which the service proves the same). MapReduce, the file system shell and
 *       the supervisors open none. Spark's user interface is off; where the author turns it on, it is on the loopback
 * address and every
 *       user may read it.
 *   <li>An address that is left after the owner process was killed is not trusted: what listens on the port must prove
 *       that it knows the rest of the address file before a request is sent to it.
 *   <li>The endpoint of S3 and CloudWatch Logs answers only requests that are signed with a secret key; that of the
 *       steps is in a file of mode 0600 and in their environment. The page of package {@code dev.emrys.storage} has its
 * limits.
 *   <li>The endpoint answers only requests with the token of the address file. Peers that send slowly, or nothing, keep
 *       no other peer from being answered. The page of package {@code dev.emrys.emulator.wire} has its limits.
 * </ul>
 *
 * <p>Not promised:
 * <ul>
 *   <li>A state folder below a folder that other users may write, or that belongs to one of them: they can rename it
 *       and put another one in its place between the check and the use. One that they own is refused the next time.
 * Keep scripts in a folder of your own.
 *   <li>Objects that a step sends to S3's endpoint after the owner process was killed, when another user listens on its
 *       port before the next owner process does. Secret keys are in no request.
 *   <li>Requests that are sent at the moment at which the owner process is killed, if another user listens on its port
 *       at once: what answers is verified when a process connects to the owner process for the first time and after
 * each failure, not with each request.
 *   <li>Steps' use of Hive's tables when another user listens on the port of the metastore service after it has died:
 *       the steps fail, and the user learns nothing from the connections. The next step gets another port.
 *   <li>Availability against a user who opens connections to a port without a pause, or uses up the processor time or
 *       the memory.
 *   <li>The arguments of other processes, which all users can read in the process list: of a script of {@code
 *       script-runner.jar}, of any program but java and a shell, of a shell with options that could change the meaning
 * of a text that is read from a file (such as
 *       {@code bash -x -c}), and of every process that a step starts, also of {@code spark-submit} in a script until
 * its JVM runs. A secret
 *       belongs in the environment, which only this user can read.
 *   <li>Secrets that a step writes: into its output, which is also at the log location, and into messages of failures,
 *       which DescribeStep shows. The message of a step that could not be started may quote its jar or program.
 *   <li>Ports that steps or the author's settings open.
 *   <li>Processes of this user. A step runs with all rights of this user, and can read the state folder and the secrets
 *       in it.
 *   <li>Files that the program of a step writes outside of the account: they have the modes that the umask gives them,
 *       which is the one of the process that started the owner process. Files in the cache folder have the modes of the
 * umask too, since several users may share it;
 *       a class-data archive there is for one user, and only that user can read it.
 *       Every JVM writes its
 *       performance data, of mode 0600 and with its arguments, to {@code /tmp/hsperfdata_USER}.
 *   <li>Access control lists, and file systems without owners and modes, such as FAT or Windows: nothing is checked or
 *       changed there.
 * </ul>
 */
@NullMarked
package dev.emrys.local;

import org.jspecify.annotations.NullMarked;
