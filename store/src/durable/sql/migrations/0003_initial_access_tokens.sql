-- Who may register clients (RFC 7591): a token rests as its hash.

CREATE TABLE initial_access_token (
    hash BYTEA PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    uses BIGINT NOT NULL,
    expires BIGINT NOT NULL
);
