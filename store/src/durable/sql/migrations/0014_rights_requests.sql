-- What citizens ask by right, and what they are answered; both sealed.

CREATE TABLE rights_request (
    id BYTEA PRIMARY KEY,
    person BYTEA NOT NULL,
    -- rectification, erasure, objection or complaint
    kind TEXT NOT NULL,
    addressee TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    made_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    -- passed_on, done, refused or withdrawn; none before the first answer
    outcome TEXT,
    answer BYTEA,
    answered_by TEXT,
    answered_at BIGINT,
    settled BOOLEAN NOT NULL
) /* WITHOUT ROWID */;
CREATE INDEX rights_request_person ON rights_request (person, made_at);
CREATE INDEX rights_request_due ON rights_request (settled, due_at);

-- The history of a citizen at one service, without reading the whole of it.
CREATE INDEX history_entry_client ON history_entry (name, client, sequence);
