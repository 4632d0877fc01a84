package dev.emrys.sqlite;

import java.sql.SQLException;

/**
 * The database file was removed or replaced while it was open: what was to be written would be lost. Nothing was
 * written.
 */
public final class FileReplacedException extends SQLException {
    FileReplacedException(FileIdentity file) {
        super("the file " + file + " was removed or replaced while it was in use");
    }
}
