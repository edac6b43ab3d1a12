-- Why nobody may act as a person: frozen by themselves or an operator, or closed for good.

CREATE TABLE person_case (
    id BYTEA PRIMARY KEY,
    -- freeze, closure, death or report
    kind TEXT NOT NULL,
    -- About whom; nobody is known of a report.
    person BYTEA,
    opened_by TEXT NOT NULL,
    opened_at BIGINT NOT NULL,
    reason TEXT NOT NULL,
    -- What was there when it was opened; sealed.
    evidence BYTEA NOT NULL,
    -- Whether services were told and tokens taken back.
    followed BOOLEAN NOT NULL,
    ended_by TEXT,
    ended_at BIGINT
) /* WITHOUT ROWID */;
CREATE INDEX person_case_opened ON person_case (opened_at);

-- Whom a case bars: everybody who was that person when it was opened, also when they are parted later.
CREATE TABLE person_bar (
    person BYTEA NOT NULL,
    case_id BYTEA NOT NULL,
    PRIMARY KEY (person, case_id)
) /* WITHOUT ROWID */;
