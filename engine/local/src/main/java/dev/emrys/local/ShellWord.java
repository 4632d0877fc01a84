package dev.emrys.local;

/** A word of a shell command. */
final class ShellWord {
    private ShellWord() {}

    /** In quotes, so that the shell takes every character as it is. */
    static String quoted(String word) {
        return "'" + word.replace("'", "'\\''") + "'";
    }
}
