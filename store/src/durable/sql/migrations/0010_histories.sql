-- What the ledger says of each citizen, by the name that the ledger has for them. All of it is read off the
-- ledger, up to the entry that history_reading names: emptied, it fills again.

CREATE TABLE history_reading (
    id BIGINT PRIMARY KEY,
    next BIGINT NOT NULL
);
INSERT INTO history_reading (id, next) VALUES (0, 0);

CREATE TABLE history_entry (
    name BYTEA NOT NULL,
    sequence BIGINT NOT NULL,
    at BIGINT NOT NULL,
    class TEXT NOT NULL,
    client TEXT NOT NULL,
    -- Of the exchange it is about, which a law may hide; empty when it is about none.
    exchange BYTEA NOT NULL,
    PRIMARY KEY (name, sequence)
) /* WITHOUT ROWID */;

-- When a citizen took back what they had agreed to.
ALTER TABLE consent ADD COLUMN withdrawn_at BIGINT;

-- The services in it: a list for a form, without reading the whole.
CREATE TABLE history_client (
    name BYTEA NOT NULL,
    client TEXT NOT NULL,
    PRIMARY KEY (name, client)
) /* WITHOUT ROWID */;

-- What is about an exchange that nobody decided about yet.
CREATE TABLE history_waiting (
    exchange BYTEA NOT NULL,
    sequence BIGINT NOT NULL,
    at BIGINT NOT NULL,
    class TEXT NOT NULL,
    client TEXT NOT NULL,
    PRIMARY KEY (exchange, sequence)
) /* WITHOUT ROWID */;
CREATE INDEX history_waiting_at ON history_waiting (at);
