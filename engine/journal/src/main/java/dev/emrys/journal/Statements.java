package dev.emrys.journal;

import java.sql.PreparedStatement;
import java.sql.SQLException;

/** Makes statements on one connection, which closes them. */
interface Statements {
    PreparedStatement of(String sql) throws SQLException;

    /** A statement for a batch. One that was used before may have the rows of a batch that failed. */
    default PreparedStatement batch(String sql) throws SQLException {
        PreparedStatement statement = of(sql);
        statement.clearBatch();
        return statement;
    }
}
