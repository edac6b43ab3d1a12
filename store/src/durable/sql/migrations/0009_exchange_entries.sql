-- What the ledger says of exchanges, found by exchange. All of it is read off the ledger, up to the entry
-- that exchange_reading names: emptied, it fills again.

CREATE TABLE exchange_reading (
    id BIGINT PRIMARY KEY,
    next BIGINT NOT NULL
);
INSERT INTO exchange_reading (id, next) VALUES (0, 0);

CREATE TABLE exchange_entry (
    exchange BYTEA NOT NULL,
    sequence BIGINT NOT NULL,
    -- Whether it is the citizen's decision.
    decides BOOLEAN NOT NULL,
    PRIMARY KEY (exchange, sequence)
) /* WITHOUT ROWID */;

-- Each time evidence left, and whether either side confirmed its half.
CREATE TABLE exchange_pull (
    exchange BYTEA NOT NULL,
    pull BIGINT NOT NULL,
    data_provider TEXT NOT NULL,
    released_at BIGINT NOT NULL,
    sent BOOLEAN NOT NULL,
    received BOOLEAN NOT NULL,
    PRIMARY KEY (exchange, pull)
) /* WITHOUT ROWID */;
CREATE INDEX exchange_pull_released ON exchange_pull (released_at);

-- What a law keeps from its citizen until a date.
CREATE TABLE exchange_secrecy (
    exchange BYTEA PRIMARY KEY,
    until BIGINT NOT NULL,
    authority TEXT NOT NULL,
    law_order TEXT NOT NULL
) /* WITHOUT ROWID */;
