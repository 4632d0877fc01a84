package dev.emrys.spec;

import com.google.common.collect.ImmutableList;
import java.time.Duration;
import java.util.Arrays;
import java.util.stream.Stream;

/**
 * A code of the catalogue of diagnostics, which is one enum per area, in the order of the ids. An id that was released
 * keeps its meaning for ever; a new rule gets a new id. The page {@code diagnostics.md} beside this class is made from
 * the catalogue.
 */
public sealed interface DiagnosticCode
        permits PipelineCode, ClusterCode, ScriptCode, HostCode, TargetCode, CommandCode, RuntimeCode, AwsCode {

    /** The whole catalogue, in ascending order of the ids. */
    static ImmutableList<DiagnosticCode> all() {
        return Stream.<DiagnosticCode[]>of(
                        PipelineCode.values(),
                        ClusterCode.values(),
                        ScriptCode.values(),
                        HostCode.values(),
                        TargetCode.values(),
                        CommandCode.values(),
                        RuntimeCode.values(),
                        AwsCode.values())
                .flatMap(Arrays::stream)
                .sorted((one, other) -> one.id().compareTo(other.id()))
                .collect(ImmutableList.toImmutableList());
    }

    /** The id, the severity and the texts. */
    CatalogueEntry entry();

    /** The name of the enum constant. */
    String name();

    /** Such as {@code E112}; never changes. */
    default String id() {
        return entry().id();
    }

    /** The severity of a diagnostic of this code, unless its producer says otherwise. */
    default Severity severity() {
        return entry().severity();
    }

    /** A few words that name the rule. */
    default String title() {
        return entry().title();
    }

    /** A diagnostic of this code. As {@link #over}, for an element of which only the start is known. */
    default Diagnostic at(SourceLocation location, Object... arguments) {
        return over(SourceRange.at(location), arguments);
    }

    /**
     * A diagnostic of this code.
     *
     * @param arguments what the texts name as {@code {0}}, {@code {1}} and so on; a {@link Duration} is written with
     *     its unit
     */
    default Diagnostic over(SourceRange range, Object... arguments) {
        return entry().fill(this, range, arguments);
    }

    /** A diagnostic of this code about nothing that has a location, such as a command line. */
    default Diagnostic of(Object... arguments) {
        return at(SourceLocation.UNKNOWN, arguments);
    }
}
