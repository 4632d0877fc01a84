package dev.emrys.storage.logs;

/**
 * An error as CloudWatch Logs reports it, with HTTP status 400.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/CommonErrors.html">Common
 *     errors</a>
 */
public final class LogsException extends Exception {
    private final String type;

    /** @param type for instance {@code ResourceNotFoundException} */
    public LogsException(String type, String message) {
        super(message, null, false, false);
        this.type = type;
    }

    /** For instance {@code ResourceNotFoundException}. */
    public String type() {
        return type;
    }

    /** For people. */
    public String text() {
        return String.valueOf(getMessage());
    }

    static LogsException invalid(String message) {
        return new LogsException("InvalidParameterException", message);
    }

    /** As the service words a value that its model does not allow. */
    static LogsException constraint(String value, String member, String constraint) {
        return invalid("1 validation error detected: Value '" + value + "' at '" + member
                + "' failed to satisfy constraint: " + constraint);
    }

    static LogsException noGroup() {
        return new LogsException("ResourceNotFoundException", "The specified log group does not exist.");
    }

    static LogsException noStream() {
        return new LogsException("ResourceNotFoundException", "The specified log stream does not exist.");
    }

    static LogsException exists(String what) {
        return new LogsException("ResourceAlreadyExistsException", "The specified " + what + " already exists");
    }

    static LogsException badToken() {
        return invalid("The specified nextToken is invalid.");
    }
}
