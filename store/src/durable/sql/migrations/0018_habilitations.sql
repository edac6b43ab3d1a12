-- What organisations may ask citizens for: `body` is the habilitation with its versions as JSON, contacts sealed
-- in it. Each step replaces the whole body, where it is still the one that the step was taken from.
CREATE TABLE habilitation (
    id TEXT PRIMARY KEY,
    body TEXT NOT NULL,
    changed_at BIGINT NOT NULL
);
