-- Version 8: the open fires in the order of their instants, as new ones come: those of one minute change few pages, however many are open.
DROP INDEX fires_open;
CREATE INDEX fires_open ON fires (fire_at) WHERE ended_at IS NULL;
