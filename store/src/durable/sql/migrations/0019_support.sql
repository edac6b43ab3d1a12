-- What a citizen reads out to the support, and where in the ledger it leads: the identification code of a visit to
-- each of its logins, the reference of an error page to the entry that has it. All of it is read off the ledger, up
-- to the entry that trace_reading names: emptied, it fills again.

CREATE TABLE trace_reading (
    id BIGINT PRIMARY KEY,
    next BIGINT NOT NULL
);
INSERT INTO trace_reading (id, next) VALUES (0, 0);

CREATE TABLE trace (
    handle TEXT NOT NULL,
    -- Empty where the entry is of none.
    login TEXT NOT NULL,
    -- Between these are the entries of the login, among others.
    first BIGINT NOT NULL,
    last BIGINT NOT NULL,
    PRIMARY KEY (handle, login)
) /* WITHOUT ROWID */;

-- Who came to be known about a time: of those few, one has the name that the ledger says.
CREATE INDEX person_index_added ON person_index (added_at);

-- What the support asks citizens to let it see, and what they answered.
CREATE TABLE support_request (
    id BYTEA PRIMARY KEY,
    person BYTEA NOT NULL,
    -- What was read out: the one login that it is about.
    handle TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    -- Why, in the words of whoever asks.
    sealed BYTEA NOT NULL,
    asked_at BIGINT NOT NULL,
    -- Until when it can be answered.
    expires_at BIGINT NOT NULL,
    -- agreed, refused or withdrawn
    answer TEXT,
    answered_at BIGINT,
    -- Until when what was agreed to holds.
    until BIGINT
) /* WITHOUT ROWID */;
CREATE INDEX support_request_person ON support_request (person, asked_at);
CREATE INDEX support_request_case ON support_request (handle, asked_by, asked_at);
