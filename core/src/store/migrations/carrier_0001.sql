CREATE TABLE outbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    digest BLOB NOT NULL UNIQUE,
    envelope BLOB NOT NULL,
    enqueued_millis INTEGER NOT NULL,
    refusals INTEGER NOT NULL,
    last_refusal INTEGER,
    parked INTEGER NOT NULL
) STRICT;
CREATE INDEX outbox_order ON outbox (parked, refusals, seq);

-- Numbered here and not by the feed's position: after a hub's restore its positions start again.
CREATE TABLE inbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    position INTEGER NOT NULL,
    stored_at_millis INTEGER NOT NULL,
    digest BLOB NOT NULL UNIQUE,
    envelope BLOB
) STRICT;

CREATE TABLE entry (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    digest BLOB NOT NULL UNIQUE,
    bytes BLOB NOT NULL
) STRICT;

CREATE TABLE pending_entry (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    digest BLOB NOT NULL UNIQUE,
    bytes BLOB NOT NULL,
    last_refusal INTEGER,
    parked INTEGER NOT NULL
) STRICT;

CREATE TABLE cursor (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    incarnation BLOB,
    after INTEGER NOT NULL,
    entries_after INTEGER NOT NULL
) STRICT;
INSERT INTO cursor VALUES (1, NULL, 0, 0);

CREATE TABLE state (
    key TEXT PRIMARY KEY NOT NULL,
    value BLOB NOT NULL
) STRICT;

CREATE TABLE receipted (
    grant_digest BLOB PRIMARY KEY NOT NULL
) STRICT;
