-- Version 5 of the journal's tables on PostgreSQL: failed fires by their end, for the messages about them that were not sent. Released: never
-- changed.
CREATE INDEX fires_failed ON fires (ended_at) WHERE state = 'failed';
