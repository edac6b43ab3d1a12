-- Families of refresh tokens: one for each grant. No token rests here: its text is derived from the
-- grant and the generation.

CREATE TABLE refresh_family (
    grant_id BYTEA PRIMARY KEY,
    -- Empty when the grant was revoked before its family began.
    client TEXT NOT NULL,
    person BYTEA,
    session BYTEA,
    sealed BYTEA NOT NULL,
    expires BIGINT NOT NULL,
    -- Which token is good now, from 1; 0 when the grant was revoked before its family began.
    generation BIGINT NOT NULL,
    -- When the one before it was presented first; 0 when there was none.
    rotated_at BIGINT NOT NULL,
    -- How often the one before it was presented again.
    repeats BIGINT NOT NULL,
    revoked BOOLEAN NOT NULL
);
CREATE INDEX refresh_family_person ON refresh_family (person, client);
CREATE INDEX refresh_family_session ON refresh_family (session);
CREATE INDEX refresh_family_expires ON refresh_family (expires);
