-- Reports the curated events per day, country and type.
--
--   spark-sql -f daily-report.sql --hivevar events=s3://bucket/events/ --hivevar report=s3://bucket/report/
--
-- events: the parquet that DailyEtl wrote; report: a folder of CSV without a header, which is replaced.

-- External: dropping the table drops no data, and the next run may point it elsewhere.
DROP TABLE IF EXISTS daily_events;

CREATE TABLE daily_events (
  id STRING,
  ts TIMESTAMP,
  `user` STRING,
  type STRING,
  amount DECIMAL(18, 2),
  country STRING,
  day STRING
)
USING parquet
PARTITIONED BY (day)
LOCATION '${hivevar:events}';

-- The partitions lie in the folder, but the catalog does not know them yet.
MSCK REPAIR TABLE daily_events;

INSERT OVERWRITE DIRECTORY '${hivevar:report}'
USING csv
OPTIONS (header 'false', emptyValue '')
SELECT
  day,
  country,
  type,
  count(*) AS events,
  count(DISTINCT `user`) AS users,
  coalesce(sum(amount), 0.00) AS amount
FROM daily_events
GROUP BY day, country, type
ORDER BY day, country, type;

SELECT
  count(DISTINCT day) AS days,
  count(*) AS events,
  count(DISTINCT `user`) AS users,
  coalesce(sum(amount), 0.00) AS amount
FROM daily_events;
