-- Version 3 of the journal's tables on PostgreSQL: token buckets that the processes share, and who waits for tokens of them. A bucket without a row
-- is full. Released: never changed.
CREATE TABLE token_buckets (
  endpoint  text COLLATE "C" NOT NULL,
  bucket    text COLLATE "C" NOT NULL,
  tokens    double precision NOT NULL,
  filled_at text COLLATE "C" NOT NULL,
  PRIMARY KEY (endpoint, bucket)
) WITH (fillfactor = 50);
CREATE TABLE token_claims (
  endpoint   text COLLATE "C" NOT NULL,
  process    text COLLATE "C" NOT NULL,
  operation  text COLLATE "C" NOT NULL,
  rank       integer NOT NULL,
  reserve    integer NOT NULL,
  wanted     integer NOT NULL,
  turn       bigint NOT NULL,
  seen_at    text COLLATE "C" NOT NULL,
  expires_at text COLLATE "C" NOT NULL,
  PRIMARY KEY (endpoint, process, operation, rank)
) WITH (fillfactor = 50);
