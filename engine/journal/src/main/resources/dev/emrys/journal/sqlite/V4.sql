-- Version 4: schedules, their fires and their history. The fires of one minute are beside each other, whatever the number of schedules and of
-- past fires, so that they are recorded by few pages.
CREATE TABLE schedules (
  id           TEXT PRIMARY KEY,
  pipeline     TEXT NOT NULL,
  script       TEXT NOT NULL,
  timing       TEXT NOT NULL,
  zone         TEXT NOT NULL,
  tzdb         TEXT NOT NULL,
  definition   TEXT NOT NULL,
  version      INTEGER NOT NULL,
  handled_to   TEXT NOT NULL,
  last_nominal TEXT,
  paused_at    TEXT,
  paused_by    TEXT,
  pause_reason TEXT,
  failures     INTEGER NOT NULL
) STRICT;
CREATE TABLE fires (
  fire_at      TEXT NOT NULL,
  schedule     TEXT NOT NULL,
  cause        TEXT NOT NULL,
  nominal      TEXT NOT NULL,
  zone         TEXT NOT NULL,
  tzdb         TEXT NOT NULL,
  due          TEXT NOT NULL,
  state        TEXT NOT NULL,
  reason       TEXT NOT NULL,
  clock_change TEXT NOT NULL,
  merged       TEXT NOT NULL,
  run          TEXT NOT NULL,
  decided_by   TEXT NOT NULL,
  decided_at   TEXT NOT NULL,
  ended_at     TEXT,
  PRIMARY KEY (fire_at, schedule, cause)
) STRICT, WITHOUT ROWID;
CREATE INDEX fires_open ON fires (schedule) WHERE ended_at IS NULL;
CREATE TABLE schedule_events (
  seq        INTEGER PRIMARY KEY,
  schedule   TEXT NOT NULL,
  at         TEXT NOT NULL,
  type       TEXT NOT NULL,
  reason     TEXT NOT NULL,
  first_fire TEXT,
  last_fire  TEXT,
  fires      INTEGER NOT NULL,
  caused_by  TEXT NOT NULL
) STRICT;
CREATE INDEX schedule_events_by_schedule ON schedule_events (schedule, at);
CREATE INDEX schedule_events_by_time ON schedule_events (at);
-- What was told to whom, so that it is told once.
CREATE TABLE notices (
  notice  TEXT NOT NULL,
  channel TEXT NOT NULL,
  sent_at TEXT NOT NULL,
  PRIMARY KEY (notice, channel)
) STRICT, WITHOUT ROWID;
