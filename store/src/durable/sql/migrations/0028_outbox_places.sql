-- Letters are taken by kind: those to whoever does not answer keep none of another kind waiting.
CREATE INDEX outbox_kind ON outbox (kind, attempts, due);
