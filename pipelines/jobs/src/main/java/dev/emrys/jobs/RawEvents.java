package dev.emrys.jobs;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.Serializable;
import java.math.BigDecimal;
import java.sql.Timestamp;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Raw events of one day, a JSON object to a line: {@code id}, {@code ts} (ISO 8601 with an offset), {@code user},
 * {@code type} and {@code country} are texts and needed, {@code amount} is a number of at most 16 digits before and 2
 * behind the point, and may be missing or null; other fields are ignored.
 *
 * <p>An event that is more than a day away from the batch's own day is malformed too: a wrong clock must not change
 * partitions of unrelated days.
 */
final class RawEvents implements Serializable {
    private static final long serialVersionUID = 1L;

    /** The partition, {@code day}, is the event's day in UTC. */
    static final StructType SCHEMA = new StructType()
            .add("id", DataTypes.StringType, false)
            .add("ts", DataTypes.TimestampType, false)
            .add("user", DataTypes.StringType, false)
            .add("type", DataTypes.StringType, false)
            .add("amount", DataTypes.createDecimalType(18, 2), true)
            .add("country", DataTypes.StringType, false)
            .add("day", DataTypes.StringType, false);

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS, DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .build();

    private final LocalDate batch;

    RawEvents(LocalDate batch) {
        this.batch = batch;
    }

    /** One row, or none when the line is malformed. */
    Iterator<Row> parse(String line) {
        try {
            JsonNode event = JSON.readTree(line);
            Instant ts = OffsetDateTime.parse(text(event, "ts")).toInstant().truncatedTo(ChronoUnit.MICROS);
            LocalDate day = LocalDate.ofInstant(ts, ZoneOffset.UTC);
            if (Math.abs(ChronoUnit.DAYS.between(batch, day)) > 1) {
                return none();
            }
            Row row = RowFactory.create(
                    text(event, "id"),
                    Timestamp.from(ts),
                    text(event, "user"),
                    text(event, "type"),
                    amount(event.get("amount")),
                    text(event, "country"),
                    day.toString());
            return List.of(row).iterator();
        } catch (JsonProcessingException | DateTimeException | Malformed failure) {
            return none();
        }
    }

    private static Iterator<Row> none() {
        return List.<Row>of().iterator();
    }

    private static String text(JsonNode event, String field) throws Malformed {
        JsonNode value = event.get(field);
        if (value == null || !value.isTextual() || value.textValue().isBlank()) {
            throw new Malformed();
        }
        return value.textValue();
    }

    private static @Nullable BigDecimal amount(@Nullable JsonNode value) throws Malformed {
        if (value == null || value.isNull()) {
            return null;
        }
        if (!value.isNumber()) {
            throw new Malformed();
        }
        try {
            BigDecimal amount = value.decimalValue().setScale(2);
            if (amount.precision() <= 18) {
                return amount;
            }
        } catch (ArithmeticException tooFine) {
            // More than two decimals: rounding would change the amount.
        }
        throw new Malformed();
    }

    private static final class Malformed extends Exception {
        private static final long serialVersionUID = 1L;
    }
}
