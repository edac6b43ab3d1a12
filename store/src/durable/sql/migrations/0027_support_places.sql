-- Where in the ledger each entry of a login is: what the support reads of it, and nothing beside. Read off the ledger
-- by a reading of its own, so that no program that knows nothing of this table moves the place on.
CREATE TABLE trace_entry (
    login TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    PRIMARY KEY (login, sequence)
) /* WITHOUT ROWID */;
-- What lies before a place is forgotten together.
CREATE INDEX trace_entry_sequence ON trace_entry (sequence);
CREATE INDEX trace_first ON trace (first);
INSERT INTO trace_reading (id, next) VALUES (1, 0);

-- What was asked long ago is forgotten.
CREATE INDEX support_request_expires ON support_request (expires_at);
