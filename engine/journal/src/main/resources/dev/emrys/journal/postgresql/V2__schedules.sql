-- Version 2 of the journal's tables on PostgreSQL: schedules, their fires and their history. Released: never changed.
CREATE TABLE schedules (
  id           text COLLATE "C" PRIMARY KEY,
  pipeline     text NOT NULL,
  script       text NOT NULL,
  timing       text NOT NULL,
  zone         text NOT NULL,
  tzdb         text NOT NULL,
  definition   text NOT NULL,
  version      bigint NOT NULL,
  handled_to   text COLLATE "C" NOT NULL,
  last_nominal text,
  paused_at    text,
  paused_by    text,
  pause_reason text,
  failures     integer NOT NULL
) WITH (fillfactor = 50);
CREATE TABLE fires (
  fire_at      text COLLATE "C" NOT NULL,
  schedule     text COLLATE "C" NOT NULL,
  cause        text COLLATE "C" NOT NULL,
  nominal      text NOT NULL,
  zone         text NOT NULL,
  tzdb         text NOT NULL,
  due          text NOT NULL,
  state        text NOT NULL,
  reason       text NOT NULL,
  clock_change text NOT NULL,
  merged       text NOT NULL,
  run          text NOT NULL,
  decided_by   text NOT NULL,
  decided_at   text COLLATE "C" NOT NULL,
  ended_at     text,
  PRIMARY KEY (fire_at, schedule, cause)
);
CREATE INDEX fires_open ON fires (schedule) WHERE ended_at IS NULL;
CREATE TABLE schedule_events (
  seq        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  schedule   text COLLATE "C" NOT NULL,
  at         text COLLATE "C" NOT NULL,
  type       text NOT NULL,
  reason     text NOT NULL,
  first_fire text,
  last_fire  text,
  fires      bigint NOT NULL,
  caused_by  text NOT NULL
);
CREATE INDEX schedule_events_by_schedule ON schedule_events (schedule, at);
CREATE INDEX schedule_events_by_time ON schedule_events (at);
-- What was told to whom, so that it is told once.
CREATE TABLE notices (
  notice  text COLLATE "C" NOT NULL,
  channel text COLLATE "C" NOT NULL,
  sent_at text COLLATE "C" NOT NULL,
  PRIMARY KEY (notice, channel)
);
