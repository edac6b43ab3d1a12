-- What services say to citizens in their account, by the name each service knows the citizen by.

CREATE TABLE message (
    client TEXT NOT NULL,
    subject TEXT NOT NULL,
    reference TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    changed_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (client, subject, reference)
);
CREATE INDEX message_subject ON message (subject, changed_at);
CREATE INDEX message_changed ON message (changed_at);
CREATE INDEX message_expires ON message (expires_at);

-- The services that a citizen does not want to hear.
CREATE TABLE message_mute (
    client TEXT NOT NULL,
    subject TEXT NOT NULL,
    muted_at BIGINT NOT NULL,
    PRIMARY KEY (client, subject)
) /* WITHOUT ROWID */;
CREATE INDEX message_mute_subject ON message_mute (subject);
