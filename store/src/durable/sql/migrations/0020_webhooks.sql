-- Addresses that are told what happens: `body` is the webhook as JSON, its secrets sealed in it.
CREATE TABLE webhook (
    id TEXT PRIMARY KEY,
    body TEXT NOT NULL,
    changed_at BIGINT NOT NULL
);

-- Up to where the ledger was read for whoever is told of it: the webhooks, and a collector of logs.
CREATE TABLE ledger_reading (
    reader TEXT PRIMARY KEY,
    next BIGINT NOT NULL
);
INSERT INTO ledger_reading (reader, next) VALUES ('webhooks', 0), ('collector', 0);

-- What each was told, or is to be told: the letter of this identifier is in the outbox while it is on its way.
CREATE TABLE webhook_delivery (
    letter BYTEA PRIMARY KEY,
    webhook TEXT NOT NULL,
    -- Of which entry of the ledger.
    sequence BIGINT NOT NULL,
    event TEXT NOT NULL,
    body TEXT NOT NULL,
    occurred BIGINT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    -- What the last attempt came to: a status, or 0 where there was no answer; why, in a word; when.
    status BIGINT NOT NULL,
    error TEXT NOT NULL,
    tried_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX webhook_delivery_webhook ON webhook_delivery (webhook, sequence);
CREATE INDEX webhook_delivery_occurred ON webhook_delivery (occurred);
