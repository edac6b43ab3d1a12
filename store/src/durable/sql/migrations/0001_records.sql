-- The first schema. PostgreSQL's spelling; migrations.rs says what SQLite spells differently.
-- Times are milliseconds since the epoch. A released migration never changes: add another.

CREATE TABLE registry (
    id BIGINT PRIMARY KEY CHECK (id = 1),
    revision BIGINT NOT NULL
);
INSERT INTO registry (id, revision) VALUES (1, 0);

CREATE TABLE client (
    id TEXT PRIMARY KEY,
    body TEXT NOT NULL,
    changed_at BIGINT NOT NULL
);

CREATE TABLE provider (
    id TEXT PRIMARY KEY,
    body TEXT NOT NULL,
    changed_at BIGINT NOT NULL
);

-- A person is the identifier that one or more indexes lead to; nothing else is known of them.
CREATE TABLE person_index (
    matching_index BYTEA PRIMARY KEY,
    person BYTEA NOT NULL,
    added_at BIGINT NOT NULL
) /* WITHOUT ROWID */;
CREATE INDEX person_index_person ON person_index (person);

CREATE TABLE sector (
    sector TEXT PRIMARY KEY,
    sealed_key BYTEA NOT NULL,
    made_at BIGINT NOT NULL
);

CREATE TABLE subject (
    sector TEXT NOT NULL,
    person BYTEA NOT NULL,
    subject TEXT NOT NULL,
    assigned_at BIGINT NOT NULL,
    PRIMARY KEY (sector, person),
    UNIQUE (sector, subject)
) /* WITHOUT ROWID */;

CREATE TABLE consent (
    grant_id BYTEA PRIMARY KEY,
    person BYTEA NOT NULL,
    client TEXT NOT NULL,
    scope TEXT NOT NULL,
    claims TEXT NOT NULL,
    asked BOOLEAN NOT NULL,
    given_at BIGINT NOT NULL
) /* WITHOUT ROWID */;
CREATE INDEX consent_person ON consent (person, given_at);

CREATE TABLE account (
    id BYTEA PRIMARY KEY,
    house TEXT NOT NULL,
    login_name TEXT NOT NULL,
    password TEXT NOT NULL,
    sealed_identity BYTEA NOT NULL,
    active BOOLEAN NOT NULL,
    added_at BIGINT NOT NULL,
    UNIQUE (house, login_name)
);

CREATE TABLE authenticator (
    id BYTEA PRIMARY KEY,
    account BYTEA NOT NULL REFERENCES account (id),
    kind TEXT NOT NULL,
    label TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    added_at BIGINT NOT NULL,
    used_at BIGINT
);
CREATE INDEX authenticator_account ON authenticator (account, added_at);

CREATE TABLE ledger_entry (
    sequence BIGINT PRIMARY KEY,
    entry BYTEA NOT NULL
);

CREATE TABLE ledger_checkpoint (
    size BIGINT PRIMARY KEY,
    note TEXT NOT NULL,
    frontier BYTEA NOT NULL
);

CREATE TABLE outbox (
    id BYTEA PRIMARY KEY,
    kind TEXT NOT NULL,
    payload BYTEA NOT NULL,
    due BIGINT NOT NULL,
    attempts BIGINT NOT NULL
);
CREATE INDEX outbox_due ON outbox (due);
