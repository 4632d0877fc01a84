/**
 * Knows: how steps run on this machine (Spark and Hadoop from the registry, supervised processes, {@code s3://} as folders, logs) and the
 * owner process of a local account.
 *
 * <p>Never: the modules run, drive, emr and dsl.
 *
 * <h2>Other users of the machine</h2>
 *
 * <p>The machine may have other users. They may run programs, connect to each port of the loopback address, and create files where the
 * modes of folders allow it. Root may do everything, so files of root are trusted.
 *
 * <p>Promised, on a file system with owners and modes:
 * <ul>
 *   <li>State folder, account folder, address file of the owner process, lock files, journal, emulator's database and secrets file are used
 *       only when they belong to this user or to root, and neither their group nor others may write them. Of a symbolic link the owner of
 *       the link counts, and owner and mode of its target. This is checked before anything is read from them or sent to the address. It does
 *       not matter whether the state folder was found above the script or was named. Error E602 names the command that changes it.
 *   <li>State folder and account folder are created with mode 0700, and the folders directly in the account too: steps, logs, and the
 *       objects of {@code s3://}. No other user can read what a step or the emulator writes there, whatever its mode. Journal, database,
 *       address, locks and the output of the owner process have mode 0600. The umask does not matter.
 *   <li>Others lose the right to read a folder or file of these that exists and belongs to this user. A named state folder that also contains
 *       other things, such as a home folder, keeps its mode; the account and the journal in it do not.
 *   <li>A secrets file that others may read is reported (E414) and used.
 *   <li>The endpoint answers only requests with the token of the address file. Peers that send slowly, or nothing, keep no other peer from
 *       being answered. The page of package {@code dev.emrys.emulator.wire} has its limits.
 * </ul>
 *
 * <p>Not promised:
 * <ul>
 *   <li>A state folder below a folder that other users may write, or that belongs to one of them: they can rename it and put another one in
 *       its place between the check and the use. One that they own is refused the next time. Keep scripts in a folder of your own.
 *   <li>An address that is left after the owner process was killed: another user may listen on its port, accept the token, and get the
 *       requests of the next run. The address file is deleted when the owner process ends by itself.
 *   <li>Availability against a user who opens connections to the port without a pause, or uses up the processor time or the memory.
 *   <li>The arguments of a process, which all users can read in the process list, also those of a step.
 *   <li>Processes of this user. A step runs with all rights of this user, and can read the state folder and the secrets in it.
 *   <li>Files that steps write outside of the account: they have the modes that the user's umask gives them.
 *   <li>Access control lists, and file systems without owners and modes, such as FAT or Windows: nothing is checked or changed there.
 * </ul>
 */
@NullMarked
package dev.emrys.local;

import org.jspecify.annotations.NullMarked;
