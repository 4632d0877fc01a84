-- Version 5: token buckets that the processes share, and who waits for tokens of them. A bucket without a row is full.
CREATE TABLE token_buckets (
  endpoint  TEXT NOT NULL,
  bucket    TEXT NOT NULL,
  tokens    REAL NOT NULL,
  filled_at TEXT NOT NULL,
  PRIMARY KEY (endpoint, bucket)
) STRICT, WITHOUT ROWID;
CREATE TABLE token_claims (
  endpoint   TEXT NOT NULL,
  process    TEXT NOT NULL,
  operation  TEXT NOT NULL,
  rank       INTEGER NOT NULL,
  reserve    INTEGER NOT NULL,
  wanted     INTEGER NOT NULL,
  turn       INTEGER NOT NULL,
  seen_at    TEXT NOT NULL,
  expires_at TEXT NOT NULL,
  PRIMARY KEY (endpoint, process, operation, rank)
) STRICT, WITHOUT ROWID;
