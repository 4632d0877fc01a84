package dev.emrys.notify;

import jakarta.mail.Address;
import jakarta.mail.AuthenticationFailedException;
import jakarta.mail.MessagingException;
import jakarta.mail.SendFailedException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.angus.mail.smtp.SMTPAddressFailedException;
import org.eclipse.angus.mail.smtp.SMTPSendFailedException;
import org.jspecify.annotations.Nullable;

/** What a failed attempt to send an e-mail means. */
final class SmtpFailure {
    private static final int MESSAGE_LIMIT = 300;

    private static final Pattern CODE = Pattern.compile("[45][0-9]{2}");

    /** A reply of 400 to 599. */
    private record Refusal(int code, String text) {
        boolean isTransient() {
            return code < 500;
        }
    }

    private final Exception first;
    private final List<Refusal> refusals = new ArrayList<>();
    private boolean partlySent;
    private String root;

    private SmtpFailure(MessagingException failure) {
        first = failure;
        root = failure.toString();
        for (Exception at = failure; at != null; at = next(at)) {
            add(at);
        }
    }

    static SmtpFailure of(MessagingException failure) {
        return new SmtpFailure(failure);
    }

    private static @Nullable Exception next(Exception failure) {
        return failure instanceof MessagingException messaging ? messaging.getNextException() : null;
    }

    private void add(Exception failure) {
        root = failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
        if (failure instanceof SendFailedException send) {
            Address[] sent = send.getValidSentAddresses();
            partlySent |= sent != null && sent.length > 0;
        }
        if (code(failure) >= 400) {
            refusals.add(new Refusal(code(failure), root));
        }
    }

    private static int code(Exception failure) {
        if (failure instanceof SMTPSendFailedException send) {
            return send.getReturnCode();
        }
        return failure instanceof SMTPAddressFailedException address ? address.getReturnCode() : 0;
    }

    /** @param password is removed from what the server says */
    ChannelException toException(@Nullable String password) {
        if (first instanceof AuthenticationFailedException) {
            return loginRefused();
        }
        String text = Fitted.line(password == null ? text() : text().replace(password, "…"), MESSAGE_LIMIT);
        if (partlySent) {
            return ChannelException.permanent("Some of the addresses were refused: " + text);
        }
        return refusals.isEmpty() || refusals.stream().anyMatch(Refusal::isTransient)
                ? ChannelException.retryable(text)
                : ChannelException.permanent(text);
    }

    private String text() {
        return refusals.isEmpty()
                ? root
                : String.join(
                        "; ", refusals.stream().map(Refusal::text).distinct().toList());
    }

    /** Only the code: the reply may repeat the encoded password. */
    private ChannelException loginRefused() {
        Matcher code = CODE.matcher(root);
        if (!code.lookingAt()) {
            return ChannelException.permanent("The SMTP server did not accept the login.");
        }
        String text = "The SMTP server did not accept the login (" + code.group() + ").";
        return code.group().startsWith("4") ? ChannelException.retryable(text) : ChannelException.permanent(text);
    }
}
