-- The once-only exchange: who holds evidence, what citizens decided about it, and the two halves of
-- each delivery. No value of any evidence rests here.

CREATE TABLE data_provider (
    id TEXT PRIMARY KEY,
    body TEXT NOT NULL,
    changed_at BIGINT NOT NULL
);

CREATE TABLE evidence_grant (
    id BYTEA PRIMARY KEY,
    -- What the data provider knows it by.
    alias BYTEA NOT NULL UNIQUE,
    grant_id BYTEA NOT NULL,
    person BYTEA NOT NULL,
    client TEXT NOT NULL,
    data_provider TEXT NOT NULL,
    evidence_type TEXT NOT NULL,
    -- Names of fields, purpose and text shown; sealed.
    terms BYTEA NOT NULL,
    -- sent, partly, refused or contested
    outcome TEXT NOT NULL,
    decided_at BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    -- How often it may be fetched at most, and the time between two pulls.
    max_pulls BIGINT NOT NULL,
    every BIGINT NOT NULL,
    pulls BIGINT NOT NULL,
    -- When the latest pull began, how often it was tried, and whether it arrived.
    pulled_at BIGINT,
    tries BIGINT NOT NULL,
    arrived BOOLEAN NOT NULL,
    ended_at BIGINT,
    -- revoked, given_back, replaced, unused or withdrawn
    ended_how TEXT,
    predecessor BYTEA
) /* WITHOUT ROWID */;
CREATE INDEX evidence_grant_person ON evidence_grant (person, decided_at);
CREATE INDEX evidence_grant_grant ON evidence_grant (grant_id);
-- Those that are granted again and again and nobody uses.
CREATE INDEX evidence_grant_idle ON evidence_grant (COALESCE(pulled_at, decided_at))
    WHERE ended_at IS NULL AND every > 0;

CREATE TABLE evidence_delivery (
    exchange BYTEA NOT NULL,
    -- SHA-256 of the envelope: both halves name the same.
    digest BYTEA NOT NULL,
    -- released or received
    half TEXT NOT NULL,
    receipt TEXT NOT NULL,
    noted_at BIGINT NOT NULL,
    PRIMARY KEY (exchange, digest, half)
) /* WITHOUT ROWID */;
CREATE INDEX evidence_delivery_noted ON evidence_delivery (noted_at);
