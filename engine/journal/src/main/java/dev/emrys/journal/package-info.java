/**
 * Knows: what has happened. It appends events and reads them back, keeps a snapshot of each run, lists runs, says which
 * process drives a run, carries control requests between processes, and counts the calls that these may still make to a
 * service.
 *
 * <p>Never: the SDK, what events mean for a run, or how a run is driven.
 *
 * <h2>What may happen to the files</h2>
 *
 * <p>The files of a state folder are used by several processes of one user at once. The disk may be full, files may be
 * removed, replaced or restored from a copy, and the machine may crash. What other users may do is in the package page
 * of {@code dev.emrys.local}.
 *
 * <p>Promised:
 * <ul>
 *   <li>An append that is acknowledged is on the disk (WAL, {@code synchronous=FULL}), as far as the disk keeps what it
 *       has acknowledged itself. One that is not acknowledged may be there or not.
 *   <li>A full disk, or one that cannot be written, fails the appends of that time, and nothing else: the journal works
 *       again as soon as the disk does. A run whose events cannot be written stops being driven and can be resumed.
 *   <li>One process drives a run. The lock of the run keeps others out, and each takeover raises the run's fencing
 *       token, which every append checks in its transaction. So two processes that believe to have the lock, because
 * its file was removed or the file system has no
 *       locks across hosts, do not mix their events: the older one fails with its next append ({@link
 * dev.emrys.journal.LeaseLostException})
 *       and carries out no command after it.
 *   <li>Events that do not fit the run are left out by every reader in the same way, and told ({@link
 *       dev.emrys.journal.EventFold}): the run can be shown, resumed and cancelled.
 *   <li>A journal that was set back in time, by a crash of the machine or a restore from a copy, does not start again
 *       what the target has: the process that takes a run over adopts its clusters, and the steps on those that are up,
 * by their keys, and ends clusters that no
 *       task uses.
 *   <li>A journal file that is removed or replaced under a process that uses it is found within a second. Nothing more
 *       is written; what the runs of this process have on the target is ended, and they fail ({@link
 * dev.emrys.journal.JournalLostException}).
 *   <li>A file that is no journal, is truncated, or is of a newer version is refused and not changed.
 * </ul>
 *
 * <p>On PostgreSQL, where processes of several machines use the journal:
 * <ul>
 *   <li>One process drives a run, by a lease on the server's clock that covers all of its runs. It sends nothing that
 *       may take longer than what is left of its lease. A process that was stopped, or could not reach the server,
 * learns with its next renewal which runs it has lost.
 *   <li>A server that does not answer is waited for, for as long as it takes: the runs stand still, and the person is
 *       told. An append whose reply was lost is not written twice.
 *   <li>The processes share the quotas of an account on EMR, by token buckets on the server's clock. While the server
 *       does not answer each one makes calls at a quarter of the quotas' rates: with more than four, EMR may throttle
 * them.
 *   <li>A request that a process had sent before it was stopped may reach the target after the takeover: the taker
 *       looks for its key, and ends a cluster that appears later when the run ends.
 * </ul>
 *
 * <p>Not promised:
 * <ul>
 *   <li>The content of a file that another program writes, or that is overwritten in place ({@code cp copy journal.db})
 *       while a process uses it. Restore a copy while no process uses the state folder, with the files {@code -wal} and
 * {@code -shm} of the same moment or without
 *       any.
 *   <li>A run that an older copy does not have at all: its clusters have its tags, and nothing ends them but their idle
 *       timeout.
 *   <li>Steps of a cluster that has ended before the restore: the journal does not know them, and if their task starts
 *       another cluster they run again.
 *   <li>A network file system without locks and without the memory mapping that SQLite's WAL needs: see
 *       sqlite.org/wal.html.
 *   <li>Secrecy from processes of the same user. The journal has no secret values, but all arguments and the excerpts
 *       of failures.
 * </ul>
 */
@NullMarked
package dev.emrys.journal;

import org.jspecify.annotations.NullMarked;
