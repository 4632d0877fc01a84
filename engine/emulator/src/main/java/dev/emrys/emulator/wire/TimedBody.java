package dev.emrys.emulator.wire;

import java.time.Duration;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.NanoTime;
import org.jspecify.annotations.Nullable;

/**
 * A request whose body fails when nothing of it comes for a time, or when a part of it comes later than that after the
 * head: the idle time alone begins again with each byte.
 */
final class TimedBody extends Request.Wrapper {
    private final long nanos;

    TimedBody(Request request, Duration time) {
        super(request);
        nanos = time.toNanos();
        getConnectionMetaData().getConnection().getEndPoint().setIdleTimeout(time.toMillis());
    }

    @Override
    public Content.@Nullable Chunk read() {
        return NanoTime.since(getHeadersNanoTime()) > nanos ? Content.Chunk.from(new TimeoutException()) : super.read();
    }
}
