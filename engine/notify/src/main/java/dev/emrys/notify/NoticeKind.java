package dev.emrys.notify;

/** What a notice reports. */
public enum NoticeKind {
    /** A run failed. */
    FAILED("failed"),
    /** A run did not start or end when it should have. */
    LATE("late"),
    /** A run succeeded after one that failed or was late. */
    RECOVERED("recovered"),
    /** A schedule was paused after failures. */
    PAUSED("paused"),
    /** A script was changed and has errors; its last version without errors stays in use. */
    BROKEN_SCRIPT("broken");

    private final String json;

    NoticeKind(String json) {
        this.json = json;
    }

    /** The name in JSON and in {@code EMRYS_NOTICE_KIND}. It never changes. */
    public String json() {
        return json;
    }
}
