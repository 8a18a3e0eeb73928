-- How many seconds the application asked us to stay away, where it did; whether and when a failure is tried again
-- follows else from its cause.
ALTER TABLE log ADD COLUMN stay_away INTEGER;

-- When an application as a whole was not there: of the application, not of a record.
CREATE TABLE pauses (
    id          INTEGER PRIMARY KEY,
    run         INTEGER REFERENCES runs (id),
    application TEXT NOT NULL,
    since       TEXT NOT NULL,
    until       TEXT,
    text        TEXT NOT NULL,
    cause       TEXT NOT NULL,
    remedy      TEXT NOT NULL,
    UNIQUE (run, application, since)
);
