-- Which entries of the ledger say what: a row for each thing that an entry is looked up by, under the first 64
-- bits of a digest of its words. All of it is read off the ledger, up to the entry that audit_reading names:
-- emptied, it fills again. A row lasts as long as its entry.

CREATE TABLE audit_reading (
    id BIGINT PRIMARY KEY,
    next BIGINT NOT NULL
);

CREATE TABLE audit_index (
    term BIGINT NOT NULL,
    at BIGINT NOT NULL,
    sequence BIGINT NOT NULL,
    PRIMARY KEY (term, at, sequence)
) /* WITHOUT ROWID */;
