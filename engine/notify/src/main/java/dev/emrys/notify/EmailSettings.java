package dev.emrys.notify;

import com.google.common.collect.ImmutableList;
import com.google.common.net.InetAddresses;
import jakarta.mail.internet.AddressException;
import jakarta.mail.internet.InternetAddress;
import org.jspecify.annotations.Nullable;

/**
 * The SMTP server and the addresses of an {@link EmailChannel}.
 *
 * @param port usually 587 for {@link Security#STARTTLS}, 465 for {@link Security#TLS}, 25 for {@link Security#NONE}
 * @param login if the server asks for one
 * @param from one address, with or without a name: {@code Emrys <emrys@example.org>}
 * @param to one address each, at least one
 */
public record EmailSettings(
        String host, int port, Security security, @Nullable Login login, String from, ImmutableList<String> to) {

    /** How the connection is protected. The server's certificate must be trusted and name the host. */
    public enum Security {
        /** Not at all. */
        NONE,
        /** Encrypted after a first exchange; nothing is sent to a server that does not support it. */
        STARTTLS,
        /** Encrypted from the start. */
        TLS
    }

    /** A user of the SMTP server. */
    public record Login(String user, NamedSecret password) {}

    /**
     * @throws IllegalArgumentException if the host is blank, the port is not from 1 to 65535, an address is malformed
     *     or there is none, or a password would be sent without encryption to another machine
     */
    public EmailSettings {
        if (host.isBlank()) {
            throw new IllegalArgumentException("The SMTP host is blank.");
        }
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("The SMTP port " + port + " is not between 1 and 65535.");
        }
        if (login != null && security == Security.NONE && !isLoopback(host)) {
            throw new IllegalArgumentException("A password for " + host + " needs STARTTLS or TLS.");
        }
        if (to.isEmpty()) {
            throw new IllegalArgumentException("There is no address to send e-mail to.");
        }
        InternetAddress unused = address(from);
        to.forEach(EmailSettings::address);
    }

    private static boolean isLoopback(String host) {
        return host.equals("localhost")
                || (InetAddresses.isInetAddress(host)
                        && InetAddresses.forString(host).isLoopbackAddress());
    }

    /**
     * @throws IllegalArgumentException if it is malformed or has control characters, which could begin another header
     */
    static InternetAddress address(String text) {
        try {
            InternetAddress[] addresses = InternetAddress.parse(text, true);
            if (addresses.length == 1 && !addresses[0].isGroup() && Fitted.CONTROL.matchesNoneOf(text)) {
                addresses[0].validate();
                return addresses[0];
            }
        } catch (AddressException e) {
            // Said below.
        }
        throw new IllegalArgumentException(
                "\"" + Fitted.line(text, Notice.MAX_TITLE) + "\" is not one e-mail address.");
    }
}
