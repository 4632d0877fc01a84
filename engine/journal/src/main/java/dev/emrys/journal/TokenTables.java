package dev.emrys.journal;

import com.google.common.collect.ImmutableList;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;

/** The tables of token buckets, by statements that SQLite and PostgreSQL both have. */
final class TokenTables {
    private static final String BUCKETS = "SELECT bucket, tokens, filled_at FROM token_buckets WHERE endpoint = ?";
    private static final String CLAIMS = "SELECT process, operation, rank, reserve, wanted, turn, seen_at, expires_at"
            + " FROM token_claims WHERE endpoint = ? ORDER BY process, operation, rank";
    private static final String UPSERT_BUCKET = "INSERT INTO token_buckets (endpoint, bucket, tokens, filled_at)"
            + " VALUES (?,?,?,?) ON CONFLICT (endpoint, bucket) DO UPDATE SET tokens = excluded.tokens,"
            + " filled_at = excluded.filled_at";
    private static final String UPSERT_CLAIM = "INSERT INTO token_claims (endpoint, process, operation, rank, reserve,"
            + " wanted, turn, seen_at, expires_at) VALUES (?,?,?,?,?,?,?,?,?) ON CONFLICT (endpoint, process, operation, rank)"
            + " DO UPDATE SET reserve = excluded.reserve, wanted = excluded.wanted, turn = excluded.turn,"
            + " seen_at = excluded.seen_at, expires_at = excluded.expires_at";
    private static final String DELETE_CLAIM =
            "DELETE FROM token_claims WHERE endpoint = ? AND process = ? AND operation = ? AND rank = ?";

    private TokenTables() {}

    /** Makes statements on one connection, which closes them. */
    interface Statements {
        PreparedStatement of(String sql) throws SQLException;
    }

    /** To be called within a transaction that excludes others that take tokens of the endpoint. */
    static ImmutableList<TokenGrant> take(Statements statements, TokenRequest request, Instant now)
            throws SQLException {
        TokenDeal.Result result = TokenDeal.of(
                request, buckets(statements, request.endpoint()), claims(statements, request.endpoint()), now);
        write(statements, request.endpoint(), result);
        return result.grants();
    }

    private static Map<String, TokenDeal.Stored> buckets(Statements statements, String endpoint) throws SQLException {
        PreparedStatement select = statements.of(BUCKETS);
        select.setString(1, endpoint);
        Map<String, TokenDeal.Stored> found = new TreeMap<>();
        try (ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                found.put(rows.getString(1), new TokenDeal.Stored(rows.getDouble(2), Instant.parse(rows.getString(3))));
            }
        }
        return found;
    }

    private static ImmutableList<TokenDeal.Claim> claims(Statements statements, String endpoint) throws SQLException {
        PreparedStatement select = statements.of(CLAIMS);
        select.setString(1, endpoint);
        ImmutableList.Builder<TokenDeal.Claim> found = ImmutableList.builder();
        try (ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                found.add(new TokenDeal.Claim(
                        rows.getString(1),
                        rows.getString(2),
                        rows.getInt(3),
                        rows.getInt(4),
                        rows.getInt(5),
                        rows.getLong(6),
                        Instant.parse(rows.getString(7)),
                        Instant.parse(rows.getString(8))));
            }
        }
        return found.build();
    }

    private static void write(Statements statements, String endpoint, TokenDeal.Result result) throws SQLException {
        for (Map.Entry<String, TokenDeal.Stored> bucket : result.buckets().entrySet()) {
            PreparedStatement upsert = statements.of(UPSERT_BUCKET);
            upsert.setString(1, endpoint);
            upsert.setString(2, bucket.getKey());
            upsert.setDouble(3, bucket.getValue().tokens());
            upsert.setString(4, Timestamps.text(bucket.getValue().filledAt()));
            upsert.executeUpdate();
        }
        for (TokenDeal.Claim claim : result.ended()) {
            PreparedStatement delete = statements.of(DELETE_CLAIM);
            delete.setString(1, endpoint);
            delete.setString(2, claim.process());
            delete.setString(3, claim.operation());
            delete.setInt(4, claim.rank());
            delete.executeUpdate();
        }
        for (TokenDeal.Claim claim : result.claims()) {
            PreparedStatement upsert = statements.of(UPSERT_CLAIM);
            upsert.setString(1, endpoint);
            upsert.setString(2, claim.process());
            upsert.setString(3, claim.operation());
            upsert.setInt(4, claim.rank());
            upsert.setInt(5, claim.reserve());
            upsert.setInt(6, claim.count());
            upsert.setLong(7, claim.turn());
            upsert.setString(8, Timestamps.text(claim.seenAt()));
            upsert.setString(9, Timestamps.text(claim.expiresAt()));
            upsert.executeUpdate();
        }
    }
}
