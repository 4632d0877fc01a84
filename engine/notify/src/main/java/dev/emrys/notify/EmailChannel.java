package dev.emrys.notify;

import com.google.common.base.Splitter;
import com.google.common.collect.Iterables;
import com.google.common.hash.Hashing;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Date;
import java.util.Properties;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * Sends a notice as an e-mail of plain text: the title is the subject. A notice has the same Message-ID each time it is
 * sent.
 *
 * <p>A broken connection and replies of 400 to 499 are retryable, those of 500 to 599 are not (RFC 5321, section
 * 4.2.1). An address that the server refuses does not keep the others from getting the e-mail; the notice then counts
 * as not sent, and is not retried. Thread-safe.
 */
public final class EmailChannel implements Channel {
    /** The limit for the connection, for each reply and for each write. */
    public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(20);

    private final String name;
    private final EmailSettings settings;
    private final Session session;

    /** A channel with the {@link #DEFAULT_TIMEOUT}. */
    public EmailChannel(String name, EmailSettings settings) {
        this(name, settings, DEFAULT_TIMEOUT, null);
    }

    /** @param trust makes the sockets of TLS; those of the JVM if null */
    EmailChannel(String name, EmailSettings settings, Duration timeout, @Nullable SSLSocketFactory trust) {
        this.name = name;
        this.settings = settings;
        this.session = Session.getInstance(properties(settings, timeout, trust));
    }

    /** See the documentation of the package {@code org.eclipse.angus.mail.smtp}. */
    private static Properties properties(EmailSettings settings, Duration timeout, @Nullable SSLSocketFactory trust) {
        Properties properties = new Properties();
        String millis = Long.toString(timeout.toMillis());
        properties.setProperty("mail.smtp.connectiontimeout", millis);
        properties.setProperty("mail.smtp.timeout", millis);
        properties.setProperty("mail.smtp.writetimeout", millis);
        properties.setProperty("mail.smtp.auth", Boolean.toString(settings.login() != null));
        properties.setProperty("mail.smtp.sendpartial", "true");
        properties.setProperty("mail.smtp.ssl.checkserveridentity", "true");
        switch (settings.security()) {
            case NONE -> {}
            case STARTTLS -> {
                properties.setProperty("mail.smtp.starttls.enable", "true");
                properties.setProperty("mail.smtp.starttls.required", "true");
            }
            case TLS -> properties.setProperty("mail.smtp.ssl.enable", "true");
        }
        if (trust != null) {
            properties.put("mail.smtp.ssl.socketFactory", trust);
        }
        return properties;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void send(Notice notice) throws ChannelException {
        EmailSettings.Login login = settings.login();
        String user = login == null ? null : login.user();
        String password = login == null ? null : login.password().reveal();
        try (Transport transport = session.getTransport("smtp")) {
            MimeMessage message = message(notice);
            transport.connect(settings.host(), settings.port(), user, password);
            transport.sendMessage(message, message.getAllRecipients());
        } catch (MessagingException e) {
            throw SmtpFailure.of(e).toException(password);
        }
    }

    private MimeMessage message(Notice notice) throws MessagingException {
        String id = messageId(notice);
        MimeMessage message = new MimeMessage(session) {
            @Override
            protected void updateMessageID() throws MessagingException {
                setHeader("Message-ID", id);
            }
        };
        message.setFrom(EmailSettings.address(settings.from()));
        message.setRecipients(
                Message.RecipientType.TO,
                settings.to().stream().map(EmailSettings::address).toArray(InternetAddress[]::new));
        message.setSubject(notice.title(), StandardCharsets.UTF_8.name());
        message.setSentDate(Date.from(notice.at()));
        // Keeps out-of-office replies away (RFC 3834, section 5).
        message.setHeader("Auto-Submitted", "auto-generated");
        // The line break of text in MIME (RFC 2046, section 4.1.1).
        message.setText(notice.text().replace("\n", "\r\n"), StandardCharsets.UTF_8.name());
        message.saveChanges();
        return message;
    }

    /** The channel's name is a part of it: two channels may reach the same mailbox. */
    private String messageId(Notice notice) {
        String domain = Iterables.getLast(
                Splitter.on('@').split(EmailSettings.address(settings.from()).getAddress()));
        return "<" + Hashing.sha256().hashString(notice.id() + "@" + name, StandardCharsets.UTF_8) + "@" + domain + ">";
    }

    @Override
    public String toString() {
        return "e-mail " + name;
    }
}
