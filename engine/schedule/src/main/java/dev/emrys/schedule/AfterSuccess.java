package dev.emrys.schedule;

/**
 * Fires when a run of another pipeline has succeeded, however that run was started.
 *
 * @param pipeline the name of the other pipeline
 */
public record AfterSuccess(String pipeline) implements Trigger {
    @Override
    public <R> R accept(Cases<R> cases) {
        return cases.afterSuccess(this);
    }
}
