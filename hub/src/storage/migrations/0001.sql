-- What the hub keeps. Nothing here can be opened with anything the hub holds.

CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Registry entries that count, in the order they were appended. Positions are gap-free from 1.
CREATE TABLE registry (
    position         INTEGER PRIMARY KEY,
    digest           BLOB NOT NULL UNIQUE,
    entry            BLOB NOT NULL,
    stored_at_millis INTEGER NOT NULL
) STRICT;

-- Rightly signed entries at a number that another entry has: kept as evidence.
CREATE TABLE alarms (
    digest           BLOB PRIMARY KEY,
    entry            BLOB NOT NULL,
    stored_at_millis INTEGER NOT NULL
) STRICT;

-- Sealed envelopes in stored order.
CREATE TABLE envelopes (
    stored           INTEGER PRIMARY KEY,
    digest           BLOB NOT NULL UNIQUE,
    id               BLOB NOT NULL,
    space            BLOB NOT NULL,
    unit             BLOB NOT NULL,
    author           BLOB NOT NULL,
    kid              BLOB NOT NULL,
    purpose          INTEGER NOT NULL,
    pushed_by        BLOB NOT NULL,
    stored_at_millis INTEGER NOT NULL,
    bytes            BLOB NOT NULL
) STRICT;
CREATE INDEX envelopes_id ON envelopes (id);
CREATE INDEX envelopes_space ON envelopes (space, stored);
-- Lets the metrics count without reading a single envelope.
CREATE INDEX envelopes_purpose ON envelopes (purpose);

-- Envelopes whose id another envelope had before.
CREATE TABLE flags (
    digest BLOB PRIMARY KEY,
    id     BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Which units hold a space, and whether from its beginning.
CREATE TABLE holders (
    space        BLOB NOT NULL,
    unit         BLOB NOT NULL,
    whole        INTEGER NOT NULL CHECK (whole IN (0, 1)),
    since_millis INTEGER NOT NULL,
    PRIMARY KEY (space, unit)
) STRICT, WITHOUT ROWID;

-- What each unit is to receive. Positions are gap-free from 1 within a unit.
CREATE TABLE feeds (
    unit     BLOB NOT NULL,
    position INTEGER NOT NULL,
    envelope INTEGER NOT NULL REFERENCES envelopes (stored),
    PRIMARY KEY (unit, position)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX feeds_once ON feeds (envelope, unit);

-- What a removed device still pushed: kept for its unit's head, delivered to nobody.
CREATE TABLE quarantine (
    unit             BLOB NOT NULL,
    digest           BLOB NOT NULL,
    device           BLOB NOT NULL,
    stored_at_millis INTEGER NOT NULL,
    bytes            BLOB NOT NULL,
    PRIMARY KEY (unit, digest)
) STRICT;
