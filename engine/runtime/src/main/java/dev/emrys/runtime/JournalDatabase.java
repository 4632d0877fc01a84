package dev.emrys.runtime;

import dev.emrys.journal.JournalException;
import dev.emrys.journal.PostgresAddress;

/** A PostgreSQL database that holds the journal. Immutable. */
public final class JournalDatabase {
    private final PostgresAddress address;

    private JournalDatabase(PostgresAddress address) {
        this.address = address;
    }

    /**
     * @param url {@code postgresql://[user[:password]@]host[:port]/database[?parameter=value&...]}; see {@link
     *     PostgresAddress}
     * @throws JournalException when it is no such URL
     */
    public static JournalDatabase parse(String url) {
        return new JournalDatabase(PostgresAddress.parse(url));
    }

    PostgresAddress address() {
        return address;
    }

    /** Its URL without the password, for people. */
    @Override
    public String toString() {
        return address.toString();
    }
}
