package dev.emrys.monitor;

import java.util.function.Supplier;

/**
 * One thing that has to be so for the process to be healthy or ready.
 *
 * @param name short, for people and programs; unique among the checks of one endpoint
 * @param state reads it; it is called by any thread, never by two at a time for one endpoint. It should answer at once:
 *     a check is failing when its state throws or does not answer in time
 */
public record Check(String name, Supplier<Result> state) {

    /**
     * What a check says.
     *
     * @param ok whether it is as it has to be
     * @param detail for people, without secrets; may be empty
     */
    public record Result(boolean ok, String detail) {

        /** As it has to be. */
        public static Result ok(String detail) {
            return new Result(true, detail);
        }

        /** Not as it has to be. */
        public static Result failing(String detail) {
            return new Result(false, detail);
        }
    }
}
