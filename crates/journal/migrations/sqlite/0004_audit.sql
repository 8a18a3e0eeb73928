-- What people did to single records by hand: begun before the application is touched, ended with what came of it.
CREATE TABLE audit (
    id        INTEGER PRIMARY KEY,
    at        TEXT NOT NULL,
    who       TEXT NOT NULL,
    action    TEXT NOT NULL,
    flow      TEXT NOT NULL,
    source_id TEXT NOT NULL,
    number    TEXT NOT NULL,
    reason    TEXT NOT NULL,
    found     TEXT NOT NULL,
    before    TEXT NOT NULL,
    after     TEXT,
    ended     TEXT NOT NULL,
    text      TEXT NOT NULL,
    undoes    INTEGER REFERENCES audit (id)
);
