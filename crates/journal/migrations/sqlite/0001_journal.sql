CREATE TABLE runs (
    id      INTEGER PRIMARY KEY,
    started TEXT NOT NULL,
    ended   TEXT,
    command TEXT NOT NULL,
    report  TEXT
);

CREATE TABLE attempts (
    id        INTEGER PRIMARY KEY,
    run       INTEGER REFERENCES runs (id),
    at        TEXT NOT NULL,
    flow      TEXT NOT NULL,
    source_id TEXT NOT NULL,
    number    TEXT NOT NULL,
    step      TEXT NOT NULL,
    operation TEXT NOT NULL,
    answer    TEXT NOT NULL,
    detail    TEXT NOT NULL,
    cause     TEXT
);
CREATE INDEX attempts_by_record ON attempts (source_id);
CREATE INDEX attempts_by_number ON attempts (number);

CREATE TABLE log (
    id             INTEGER PRIMARY KEY,
    run            INTEGER REFERENCES runs (id),
    at             TEXT NOT NULL,
    flow           TEXT NOT NULL,
    source_id      TEXT NOT NULL,
    number         TEXT NOT NULL,
    outcome        TEXT NOT NULL,
    text           TEXT NOT NULL,
    cause          TEXT,
    remedy         TEXT,
    destination_id TEXT
);
CREATE INDEX log_by_record ON log (source_id);
CREATE INDEX log_by_number ON log (number);
CREATE INDEX log_by_cause ON log (cause) WHERE cause IS NOT NULL;

CREATE TABLE links (
    flow           TEXT NOT NULL,
    source_id      TEXT NOT NULL,
    number         TEXT NOT NULL,
    destination_id TEXT NOT NULL,
    at             TEXT NOT NULL,
    PRIMARY KEY (flow, source_id)
) WITHOUT ROWID;
