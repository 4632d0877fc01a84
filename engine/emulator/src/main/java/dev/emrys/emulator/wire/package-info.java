/**
 * Knows: EMR's JSON 1.1 protocol, generically over the SDK's own field metadata: any request and response, text and
 * HTTP.
 *
 * <p>Never: what an operation does. It serves any {@code EmrClient}.
 *
 * <h2>Who may do what</h2>
 *
 * <p>The endpoint listens on 127.0.0.1, to which every user and every program of the machine can connect, also a page
 * in a browser.
 *
 * <p>Promised:
 * <ul>
 *   <li>Only a peer that sends the token can call an operation, and see that there is an account. Without it a request
 *       is rejected by its head: nothing of its body is read, and the connection is closed. A presigned URL, whose path
 * has a token of its own, shows the
 *       names, states and log folders of one cluster's steps for an hour.
 *   <li>A request whose Host header names another host than 127.0.0.1, localhost or [::1] is rejected. There are no
 *       headers of CORS, so a browser lets no page of another origin send the headers that an operation needs.
 *   <li>A peer that sends slowly or nothing holds a connection and no thread. Without the token it is closed 10 s after
 *       it connected, however it sends. At most 256 such connections are open: one more closes the oldest of them, and
 * not the new one, because a client that
 *       knows the token sends it as soon as it is connected. All peers have the address 127.0.0.1, so there is no limit
 * by address.
 *   <li>A head is at most 16 KiB (431), a body 10 MiB (413). A body is rejected (408) when nothing of it comes for 30
 *       s, or a part of it comes later than 30 s after the head. A connection that was idle for 2 minutes is closed. At
 * most 2,048 connections are open in all.
 *   <li>A malformed request gets an answer of 400, and changes nothing. Documents are nested at most 500 levels deep,
 *       times are of the years 1 to 9999.
 * </ul>
 *
 * <p>Not promised:
 * <ul>
 *   <li>Secrecy on the loopback interface against root, who can read its traffic.
 *   <li>Availability against a user who opens so many connections a second that the 256 are used up between the
 *       connection of a client and its first bytes, or who uses up the processor time of the machine.
 *   <li>Limits of what a peer with the token does: it can use all memory and disk that its account has.
 * </ul>
 *
 * <h2>The HTTP server</h2>
 *
 * <p>Jetty 12.1: Apache-2.0 or EPL-2.0, four jars of 2.3 MB. Sizes of heads and bodies, idle times, the number of
 * connections, and reading without a thread are its own; the time and the number of connections without the token are
 * {@link dev.emrys.http.LimitedConnections}, since Jetty's limits do not know who has a token and
 * would keep all clients out.
 *
 * <p>Measured on 2 cores with JDK 17, medians of 5 interleaved starts on a machine that did other work, so processor
 * time is given (utime and stime of {@code /proc/PID/stat}). {@code java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC
 * -Xmx256m -cp … dev.emrys.cli.MainKt owner FOLDER} until it has answered {@code GET /ping}: with a class-data archive
 * 0.67 s and 94 MB in place of 0.52 s and 81 MB with the JDK's server, without one 1.08 s in place of 0.88 s. 1,000
 * ListClusters one after the other on one connection: 354 µs each in place of 343 µs.
 *
 * <p>The same options, a class with only an HTTP server that sends back what it gets, until its first answer, with an
 * archive:
 * <table>
 *   <caption>HTTP servers compared</caption>
 *   <tr><th>server</th><th>time</th><th>jars</th><th>why not</th></tr>
 *   <tr><td>JDK</td><td>0.24 s</td><td>0</td><td>a request that is half sent holds a thread</td></tr>
 *   <tr><td>HttpCore 5.4</td><td>0.22 s</td><td>0.95 MB</td>
 *     <td>it no longer accepts after one accept has failed, for instance without a free file descriptor</td></tr>
 *   <tr><td>Netty 4.2.12</td><td>0.41 s</td><td>3.4 MB</td>
 *     <td>the order of pipelined requests and the answers 400, 408 and 431 would be ours</td></tr>
 *   <tr><td>Jetty 12.1.13</td><td>0.50 s</td><td>2.3 MB</td><td></td></tr>
 * </table>
 */
@NullMarked
package dev.emrys.emulator.wire;

import org.jspecify.annotations.NullMarked;
