-- What the parties of an exchange are told, and what they say to it.

-- Events that wait until their client fetches and acknowledges them.
CREATE TABLE event_waiting (
    id BYTEA PRIMARY KEY,
    client TEXT NOT NULL,
    payload BYTEA NOT NULL,
    kept_at BIGINT NOT NULL
);
CREATE INDEX event_waiting_client ON event_waiting (client, kept_at);
CREATE INDEX event_waiting_kept ON event_waiting (kept_at);

-- What citizens asked to have erased, one row for each party that was asked.
CREATE TABLE evidence_erasure (
    exchange BYTEA NOT NULL,
    -- service or data_provider
    party TEXT NOT NULL,
    person BYTEA NOT NULL,
    client TEXT NOT NULL,
    asked_at BIGINT NOT NULL,
    due BIGINT NOT NULL,
    -- done or refused; nothing while there is no answer
    answer TEXT,
    -- The text of law a refusal rests on.
    ground TEXT,
    -- The answer as its party signed it.
    statement TEXT,
    answered_at BIGINT,
    PRIMARY KEY (exchange, party)
) /* WITHOUT ROWID */;
CREATE INDEX evidence_erasure_person ON evidence_erasure (person);
CREATE INDEX evidence_erasure_due ON evidence_erasure (due);

-- Of the latest pull: nothing until somebody looked, then whether both sides confirmed it.
ALTER TABLE evidence_grant ADD COLUMN confirmed BOOLEAN;
CREATE INDEX evidence_grant_confirmed ON evidence_grant (confirmed, pulled_at);
