-- What is switched off, by what it is (`hub`, `client:ID`, `provider:ID`): `body` is the record as JSON. Gone
-- once it is on again.
CREATE TABLE kill_switch (
    target TEXT PRIMARY KEY,
    body TEXT NOT NULL,
    changed_at BIGINT NOT NULL
);

-- On which day a secret or a key of a client was used last: no finer, and nothing of what it was used for.
CREATE TABLE credential_use (
    client TEXT NOT NULL,
    -- The secret's name among the client's, or the key's `kid`.
    credential TEXT NOT NULL,
    used_on BIGINT NOT NULL,
    PRIMARY KEY (client, credential)
) /* WITHOUT ROWID */;

-- When those who look after a client were last told that another secret or key of it is due.
CREATE TABLE credential_reminder (
    client TEXT PRIMARY KEY,
    reminded_at BIGINT NOT NULL
);
