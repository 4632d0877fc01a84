-- Version 1 of the journal's tables on PostgreSQL. Released: never changed.
-- Instants are texts with nine digits of a second, as on SQLite: timestamptz has six. A query may cast them: at::timestamptz.
-- A process that drives runs. It drives them until expires_at, by the server's clock, and renews that while it lives.
CREATE TABLE drivers (
  id         uuid PRIMARY KEY,
  pid        bigint NOT NULL,
  host       text NOT NULL,
  expires_at timestamptz NOT NULL
);
-- driver: who drives the run; null when no process does. last_seq: the number of the newest event. Each append writes the row, so there is room
-- for the new one in the same page.
CREATE TABLE runs (
  id           text COLLATE "C" PRIMARY KEY,
  name         text COLLATE "C" NOT NULL UNIQUE,
  pipeline     text NOT NULL,
  script       text NOT NULL,
  target       text NOT NULL,
  started_at   text COLLATE "C" NOT NULL,
  ended_at     text COLLATE "C",
  outcome      text,
  lease_token  bigint NOT NULL,
  driver       uuid,
  driven_since text COLLATE "C",
  last_seq     bigint NOT NULL
) WITH (fillfactor = 50);
CREATE INDEX runs_by_start ON runs (started_at DESC, id);
CREATE INDEX runs_by_driver ON runs (driver) WHERE driver IS NOT NULL;
CREATE TABLE specs (
  run  text COLLATE "C" PRIMARY KEY,
  spec text NOT NULL
);
CREATE TABLE events (
  run     text COLLATE "C" NOT NULL,
  seq     bigint NOT NULL,
  at      text COLLATE "C" NOT NULL,
  type    text NOT NULL,
  task    text,
  attempt integer,
  json    text NOT NULL,
  PRIMARY KEY (run, seq)
);
CREATE TABLE control_requests (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  run          text COLLATE "C" NOT NULL,
  kind         text NOT NULL,
  requested_by text NOT NULL,
  requested_at text COLLATE "C" NOT NULL,
  acknowledged boolean NOT NULL DEFAULT false
);
CREATE INDEX control_requests_open ON control_requests (run) WHERE NOT acknowledged;
-- The newest snapshot of each run: a cache, which follows from the events.
CREATE TABLE snapshots (
  run     text COLLATE "C" PRIMARY KEY,
  seq     bigint NOT NULL,
  version integer NOT NULL,
  bytes   bytea NOT NULL
);
