-- Version 7: failed fires by their end, for the messages about them that were not sent.
CREATE INDEX fires_failed ON fires (ended_at) WHERE state = 'failed';
