-- In which stretches of the ledger, of 128 entries each, something is named: a row for each thing that something is
-- looked up by, under the first 64 bits of a digest of its words; and between which stretches lies what was written
-- in an hour. All of it is read off the ledger, up to the entry that audit_reading names: emptied, it fills again.
-- A row lasts as long as its entries. It takes the place of a row for each thing of each entry.

DROP TABLE audit_index;
DELETE FROM audit_reading;

CREATE TABLE audit_stretch (
    term BIGINT NOT NULL,
    stretch BIGINT NOT NULL,
    PRIMARY KEY (term, stretch)
) /* WITHOUT ROWID */;

CREATE TABLE audit_hour (
    hour BIGINT PRIMARY KEY,
    first BIGINT NOT NULL,
    last BIGINT NOT NULL
);
