-- Tests of clients: what was played to each, and what it did.

CREATE TABLE client_test (
    id BYTEA PRIMARY KEY,
    client TEXT NOT NULL,
    began BIGINT NOT NULL,
    version BIGINT NOT NULL,
    state TEXT NOT NULL
) /* WITHOUT ROWID */;
CREATE INDEX client_test_client ON client_test (client, began);
