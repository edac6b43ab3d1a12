-- What was granted begins when its sign-in is over; and each half of a delivery names the pull it is about.

-- Since when it may be fetched. What was granted before began at once.
ALTER TABLE evidence_grant ADD COLUMN begun_at BIGINT;
UPDATE evidence_grant SET begun_at = decided_at;

-- For which pull each voucher was spent; of a pull that was tried again there are several.
CREATE TABLE evidence_release (
    exchange BYTEA NOT NULL,
    -- SHA-256 of the voucher's own name
    voucher BYTEA NOT NULL,
    pull BIGINT NOT NULL,
    PRIMARY KEY (exchange, voucher)
) /* WITHOUT ROWID */;

CREATE TABLE evidence_half (
    exchange BYTEA NOT NULL,
    voucher BYTEA NOT NULL,
    -- released or received
    half TEXT NOT NULL,
    pull BIGINT NOT NULL,
    -- SHA-256 of the envelope: both halves name the same.
    digest BYTEA NOT NULL,
    receipt TEXT NOT NULL,
    noted_at BIGINT NOT NULL,
    PRIMARY KEY (exchange, voucher, half)
) /* WITHOUT ROWID */;
CREATE INDEX evidence_half_noted ON evidence_half (noted_at);
-- Those that named no voucher are told apart by their envelopes.
INSERT INTO evidence_half (exchange, voucher, half, pull, digest, receipt, noted_at)
    SELECT exchange, digest, half, 1, digest, receipt, noted_at FROM evidence_delivery;
DROP TABLE evidence_delivery;
