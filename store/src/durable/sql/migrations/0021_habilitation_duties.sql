-- Whether a habilitation's body has something that a step left to be done. What was written before says nothing
-- of that, and is looked at once.
ALTER TABLE habilitation ADD COLUMN due BIGINT NOT NULL DEFAULT 1;
CREATE INDEX habilitation_due ON habilitation (due) WHERE due = 1;
