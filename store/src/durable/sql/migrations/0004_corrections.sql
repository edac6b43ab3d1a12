-- Who is who, put right: rows the civil register vouches for, persons merged into others, and the
-- corrections of operators that merged or split them.

ALTER TABLE person_index ADD COLUMN vouched BOOLEAN NOT NULL DEFAULT FALSE;

-- Whoever is absorbed counts as whoever is kept. Their own rows and names stay as they are.
CREATE TABLE person_link (
    absorbed BYTEA PRIMARY KEY,
    kept BYTEA NOT NULL
) /* WITHOUT ROWID */;
CREATE INDEX person_link_kept ON person_link (kept);

-- To list all names of a person; the other way round than the primary key.
CREATE INDEX subject_person ON subject (person);

CREATE TABLE correction (
    id BYTEA PRIMARY KEY,
    -- merge, split or part
    kind TEXT NOT NULL,
    -- Who stays.
    person BYTEA NOT NULL,
    -- Who is taken in, or goes.
    other BYTEA NOT NULL,
    -- The row that moves, when one does.
    matching_index BYTEA,
    reason TEXT NOT NULL,
    proposed_by TEXT NOT NULL,
    proposed_at BIGINT NOT NULL,
    confirmed_by TEXT,
    confirmed_at BIGINT,
    undone_by TEXT,
    undone_at BIGINT
);
CREATE INDEX correction_proposed ON correction (proposed_at);
CREATE INDEX correction_person ON correction (person);
CREATE INDEX correction_other ON correction (other);
