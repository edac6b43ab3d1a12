-- The ways into a citizen's identity: what they chose about them, what was used of them, and the
-- addresses that stand for theirs.

-- Sealed; whoever is merged keeps their own row.
CREATE TABLE way_choice (
    person BYTEA PRIMARY KEY,
    revision BIGINT NOT NULL,
    sealed BYTEA NOT NULL,
    changed_at BIGINT NOT NULL
) /* WITHOUT ROWID */;

-- Providers, devices and services that were there when somebody signed in, by keyed names.
CREATE TABLE way_seen (
    person BYTEA NOT NULL,
    kind TEXT NOT NULL,
    name BYTEA NOT NULL,
    sealed BYTEA NOT NULL,
    first_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    PRIMARY KEY (person, kind, name)
) /* WITHOUT ROWID */;

-- An address at one service that stands for the citizen's own, found by a keyed digest of it.
CREATE TABLE mail_alias (
    digest BYTEA PRIMARY KEY,
    person BYTEA NOT NULL,
    client TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    made_at BIGINT NOT NULL,
    cut_at BIGINT
) /* WITHOUT ROWID */;
CREATE UNIQUE INDEX mail_alias_person ON mail_alias (person, client);
