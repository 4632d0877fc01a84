package dev.emrys.journal;

import java.sql.PreparedStatement;
import java.sql.SQLException;

/** Makes statements on one connection, which closes them. */
interface Statements {
    PreparedStatement of(String sql) throws SQLException;
}
