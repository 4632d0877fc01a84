package dev.emrys.emulator.wire;

import com.google.common.collect.ImmutableList;
import dev.emrys.emulator.Emulator;
import dev.emrys.emulator.FaultRules;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/** An account behind the endpoint, and the token by which a request is for it. Thread-safe. */
final class ServedAccount implements AutoCloseable {
    private static final String ATTRIBUTE = ServedAccount.class.getName();

    private final byte[] token;
    private final Emulator emulator;
    private final OperationDispatcher operations;
    private final ChangeFeed changes;
    private final FaultRules faultRules;

    /** @param executor sends the answers to requests that waited */
    ServedAccount(String token, Emulator emulator, Executor executor) {
        if (token.isBlank() || token.contains("/")) {
            throw new IllegalArgumentException(
                    "The access token is blank or contains a '/', which an access key id cannot contain.");
        }
        this.token = token.getBytes(StandardCharsets.UTF_8);
        this.emulator = emulator;
        this.operations = new OperationDispatcher(emulator);
        this.faultRules = emulator.faultRules();
        this.changes = new ChangeFeed(emulator.stateChanges(), executor);
    }

    /** Compares with every token: the time it takes does not say which one is nearly right. */
    static @Nullable ServedAccount of(ImmutableList<ServedAccount> accounts, @Nullable String given) {
        if (given == null) {
            return null;
        }
        byte[] bytes = given.getBytes(StandardCharsets.UTF_8);
        ServedAccount found = null;
        for (ServedAccount account : accounts) {
            if (MessageDigest.isEqual(account.token, bytes)) {
                found = account;
            }
        }
        return found;
    }

    /** The account that has the page of a presigned URL. */
    static @Nullable ServedAccount withPage(ImmutableList<ServedAccount> accounts, String pageToken) {
        return accounts.stream()
                .filter(account -> account.appPage(pageToken).isPresent())
                .findFirst()
                .orElse(null);
    }

    IdentityCalls identity() {
        return new IdentityCalls(emulator.accountId(), new String(token, StandardCharsets.UTF_8), emulator::now);
    }

    Optional<String> appPage(String pageToken) {
        return emulator.appPage(pageToken);
    }

    void serveAppPages(URI address) {
        emulator.serveAppPages(address);
    }

    /** Marks a request as one for this account. */
    void accept(Request request) {
        request.setAttribute(ATTRIBUTE, this);
    }

    /** The account that a request is for. */
    static ServedAccount of(Request request) {
        if (request.getAttribute(ATTRIBUTE) instanceof ServedAccount account) {
            return account;
        }
        throw new IllegalStateException("The request was not checked.");
    }

    OperationDispatcher operations() {
        return operations;
    }

    FaultRules faultRules() {
        return faultRules;
    }

    ChangeFeed changes() {
        return changes;
    }

    @Override
    public void close() {
        changes.close();
    }
}
