CREATE TABLE attention (
    space BLOB PRIMARY KEY NOT NULL,
    news INTEGER NOT NULL,
    unread INTEGER NOT NULL
) STRICT;
CREATE TABLE held (
    digest BLOB PRIMARY KEY NOT NULL,
    space BLOB,
    kid BLOB,
    reason INTEGER NOT NULL,
    tries INTEGER NOT NULL,
    first_seen_millis INTEGER NOT NULL,
    bytes BLOB
) STRICT;
CREATE TABLE holder (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    space BLOB NOT NULL,
    unit BLOB NOT NULL,
    grant_digest BLOB NOT NULL,
    granted_by BLOB NOT NULL,
    circle INTEGER NOT NULL,
    circle_kid BLOB NOT NULL,
    UNIQUE (space, unit, circle, circle_kid, grant_digest)
) STRICT;
CREATE TABLE log (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    digest BLOB NOT NULL UNIQUE,
    id BLOB NOT NULL,
    space BLOB NOT NULL,
    unit BLOB NOT NULL,
    author BLOB NOT NULL,
    purpose INTEGER NOT NULL,
    kid BLOB NOT NULL,
    stamp INTEGER,
    envelope BLOB NOT NULL,
    body BLOB,
    stored_at_millis INTEGER,
    confirmed INTEGER NOT NULL,
    origin INTEGER NOT NULL
) STRICT;
CREATE TABLE projection (
    recency INTEGER PRIMARY KEY,
    space BLOB NOT NULL UNIQUE,
    kind INTEGER NOT NULL,
    title TEXT NOT NULL,
    subtitle TEXT NOT NULL,
    number TEXT,
    stage INTEGER,
    risk INTEGER,
    sex INTEGER,
    age_band INTEGER,
    area TEXT,
    owner BLOB,
    updated INTEGER NOT NULL,
    created INTEGER NOT NULL,
    conflicts INTEGER NOT NULL,
    set_aside INTEGER NOT NULL,
    missing INTEGER NOT NULL,
    card_space BLOB,
    subject BLOB,
    deadline_millis INTEGER,
    extra BLOB,
    search_text TEXT NOT NULL
) STRICT;
CREATE TABLE receipt (
    of_digest BLOB NOT NULL,
    space BLOB NOT NULL,
    unit BLOB NOT NULL,
    device BLOB NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (of_digest, device)
) STRICT;
CREATE TABLE referral (
    space BLOB NOT NULL,
    element BLOB NOT NULL,
    direction INTEGER NOT NULL,
    to_unit BLOB NOT NULL,
    from_unit BLOB NOT NULL,
    step INTEGER NOT NULL,
    sent INTEGER,
    received_at_millis INTEGER,
    seen INTEGER NOT NULL,
    answer_due_millis INTEGER,
    updated INTEGER NOT NULL,
    PRIMARY KEY (space, element)
) STRICT;
CREATE VIRTUAL TABLE search USING fts5 (
    search_text,
    content = 'projection',
    content_rowid = 'recency',
    tokenize = 'unicode61 remove_diacritics 0',
    prefix = '2 3'
);
CREATE TABLE setting (
    key TEXT PRIMARY KEY NOT NULL,
    value BLOB NOT NULL
) STRICT;
CREATE TABLE space_key (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    space BLOB NOT NULL,
    kid BLOB NOT NULL,
    key BLOB NOT NULL,
    granted_by BLOB NOT NULL,
    scope INTEGER NOT NULL,
    from_digest BLOB,
    UNIQUE (space, kid)
) STRICT;
CREATE TABLE tombstone (
    space BLOB PRIMARY KEY NOT NULL,
    erasure BLOB NOT NULL
) STRICT;
CREATE INDEX held_kid ON held (kid);
CREATE INDEX held_space ON held (space);
CREATE INDEX log_id ON log (id);
CREATE INDEX log_space ON log (space);
CREATE INDEX log_unconfirmed ON log (seq) WHERE confirmed = 0;
CREATE INDEX projection_card ON projection (card_space) WHERE card_space IS NOT NULL;
CREATE INDEX projection_deadline ON projection (deadline_millis) WHERE deadline_millis IS NOT NULL;
CREATE INDEX projection_kind ON projection (kind);
CREATE INDEX receipt_space ON receipt (space);
CREATE INDEX referral_direction ON referral (direction, updated);
CREATE TRIGGER projection_delete AFTER DELETE ON projection BEGIN
    INSERT INTO search (search, rowid, search_text) VALUES ('delete', old.recency, old.search_text);
END;
CREATE TRIGGER projection_insert AFTER INSERT ON projection BEGIN
    INSERT INTO search (rowid, search_text) VALUES (new.recency, new.search_text);
END;
CREATE TRIGGER projection_update AFTER UPDATE OF recency, search_text ON projection
WHEN old.recency <> new.recency OR old.search_text <> new.search_text BEGIN
    INSERT INTO search (search, rowid, search_text) VALUES ('delete', old.recency, old.search_text);
    INSERT INTO search (rowid, search_text) VALUES (new.recency, new.search_text);
END;
