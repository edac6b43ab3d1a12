-- How many sign-ins there were, and what each client asked them with: numbers alone. All of it is read off
-- the ledger, up to the entry that statistic_reading names: emptied, it fills again.

CREATE TABLE statistic_reading (
    id BIGINT PRIMARY KEY,
    next BIGINT NOT NULL
);
INSERT INTO statistic_reading (id, next) VALUES (0, 0);

-- Sign-ins under way: what is known of each until it is counted. No person is named.
CREATE TABLE statistic_login (
    login BYTEA PRIMARY KEY,
    began BIGINT NOT NULL,
    client TEXT NOT NULL,
    provider TEXT NOT NULL,
    level TEXT NOT NULL,
    way TEXT NOT NULL,
    step BIGINT NOT NULL
) /* WITHOUT ROWID */;
CREATE INDEX statistic_login_began ON statistic_login (began);

-- A period is 2027, 2027-01, 2027-01-31 or 2027-01-31T14; the client without a name is all of them together.
CREATE TABLE statistic (
    period TEXT NOT NULL,
    client TEXT NOT NULL,
    provider TEXT NOT NULL,
    level TEXT NOT NULL,
    way TEXT NOT NULL,
    outcome TEXT NOT NULL,
    step BIGINT NOT NULL,
    times BIGINT NOT NULL,
    PRIMARY KEY (period, client, provider, level, way, outcome, step)
) /* WITHOUT ROWID */;

-- What a client did in a month, in a word: asked with PKCE, for a scope, got an error.
CREATE TABLE client_mark (
    client TEXT NOT NULL,
    mark TEXT NOT NULL,
    month TEXT NOT NULL,
    times BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    PRIMARY KEY (client, mark, month)
) /* WITHOUT ROWID */;
