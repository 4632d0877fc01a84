package dev.emrys.metastore;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.CallbackHandler;
import javax.security.auth.callback.NameCallback;
import javax.security.auth.callback.PasswordCallback;
import javax.security.auth.callback.UnsupportedCallbackException;
import javax.security.sasl.AuthorizeCallback;
import javax.security.sasl.RealmCallback;
import javax.security.sasl.Sasl;
import org.apache.hadoop.hive.thrift.DelegationTokenIdentifier;
import org.apache.hadoop.io.Text;
import org.apache.hadoop.security.token.Token;
import org.apache.thrift.transport.TSaslServerTransport;
import org.apache.thrift.transport.TTransportFactory;

/**
 * How a client and the service prove to each other that they know the secret: SASL with DIGEST-MD5, which is what
 * Hive's own delegation tokens use, so that Hive's client needs no change. The secret is not sent. Immutable.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc2831">RFC 2831</a>
 */
final class SharedSecret implements CallbackHandler {
    /** The setting {@code hive.metastore.token.signature} of the cluster. */
    private static final String SERVICE = "emrys-cluster";

    private static final String MECHANISM = "DIGEST-MD5";

    /** The realm of Hadoop's and Hive's clients. */
    private static final String REALM = "default";

    private static final byte[] USER = "emrys".getBytes(StandardCharsets.UTF_8);

    private final byte[] secret;

    SharedSecret(String secret) {
        this.secret = secret.getBytes(StandardCharsets.UTF_8);
    }

    /** What Hive's client looks for among the tokens of the user. */
    Token<DelegationTokenIdentifier> token() {
        return new Token<>(USER, secret, DelegationTokenIdentifier.HIVE_DELEGATION_KIND, new Text(SERVICE));
    }

    /** Lets a connection through when the client has proved that it knows the secret. */
    TTransportFactory server() {
        return new TSaslServerTransport.Factory(
                MECHANISM, null, REALM, Map.of(Sasl.QOP, "auth-conf,auth-int,auth", Sasl.SERVER_AUTH, "true"), this);
    }

    /** Answers the questions of the server's side about the only user. */
    @Override
    public void handle(Callback[] callbacks) throws UnsupportedCallbackException {
        String user = Base64.getEncoder().encodeToString(USER);
        for (Callback callback : callbacks) {
            if (callback instanceof NameCallback name) {
                if (user.equals(name.getDefaultName())) {
                    name.setName(user);
                }
            } else if (callback instanceof PasswordCallback password) {
                password.setPassword(Base64.getEncoder().encodeToString(secret).toCharArray());
            } else if (callback instanceof RealmCallback realm) {
                realm.setText(realm.getDefaultText());
            } else if (callback instanceof AuthorizeCallback authorize) {
                boolean isUser =
                        user.equals(authorize.getAuthenticationID()) && user.equals(authorize.getAuthorizationID());
                authorize.setAuthorized(isUser);
                if (isUser) {
                    authorize.setAuthorizedID(user);
                }
            } else {
                throw new UnsupportedCallbackException(callback);
            }
        }
    }
}
