-- Those who operate the hub and look after services: `body` is the record as JSON, name and address sealed
-- in it. `who` is by what they are recognized; nobody is there twice.
CREATE TABLE staff_member (
    id TEXT PRIMARY KEY,
    who TEXT NOT NULL UNIQUE,
    body TEXT NOT NULL,
    changed_at BIGINT NOT NULL
);

-- What lets somebody in, found by what the text of its link hashes to. Gone once it is accepted.
CREATE TABLE staff_invitation (
    id TEXT PRIMARY KEY,
    hash BYTEA NOT NULL UNIQUE,
    body TEXT NOT NULL,
    expires BIGINT NOT NULL
);

CREATE TABLE organisation (
    id TEXT PRIMARY KEY,
    body TEXT NOT NULL,
    changed_at BIGINT NOT NULL
);

CREATE TABLE team (
    id TEXT PRIMARY KEY,
    body TEXT NOT NULL,
    changed_at BIGINT NOT NULL
);
