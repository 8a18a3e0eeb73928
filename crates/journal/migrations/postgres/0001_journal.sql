-- The same tables as in migrations/sqlite. Times are texts that sort as such, so they sort by bytes in any database.
CREATE TABLE runs (
    id      BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    started TEXT COLLATE "C" NOT NULL,
    ended   TEXT COLLATE "C",
    command TEXT NOT NULL,
    report  TEXT
);

CREATE TABLE attempts (
    id        BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run       BIGINT REFERENCES runs (id),
    at        TEXT COLLATE "C" NOT NULL,
    flow      TEXT NOT NULL,
    source_id TEXT NOT NULL,
    number    TEXT NOT NULL,
    step      TEXT NOT NULL,
    operation TEXT NOT NULL,
    answer    TEXT NOT NULL,
    detail    TEXT NOT NULL,
    cause     TEXT
);

CREATE TABLE log (
    id             BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run            BIGINT REFERENCES runs (id),
    at             TEXT COLLATE "C" NOT NULL,
    flow           TEXT NOT NULL,
    source_id      TEXT NOT NULL,
    number         TEXT NOT NULL,
    outcome        TEXT NOT NULL,
    text           TEXT NOT NULL,
    cause          TEXT,
    stay_away      BIGINT,
    remedy         TEXT,
    destination_id TEXT
);
CREATE INDEX log_by_cause ON log (cause) WHERE cause IS NOT NULL;

CREATE TABLE pauses (
    id          BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run         BIGINT REFERENCES runs (id),
    application TEXT NOT NULL,
    since       TEXT COLLATE "C" NOT NULL,
    until       TEXT COLLATE "C",
    text        TEXT NOT NULL,
    cause       TEXT NOT NULL,
    remedy      TEXT NOT NULL,
    UNIQUE (run, application, since)
);

CREATE VIEW links AS
    SELECT DISTINCT ON (flow, source_id) flow, source_id, number, destination_id, at
    FROM log
    WHERE destination_id IS NOT NULL AND outcome IN ('created', 'updated', 'found')
    ORDER BY flow, source_id, at DESC, id DESC;
