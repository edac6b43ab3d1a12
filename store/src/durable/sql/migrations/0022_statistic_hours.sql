-- Hours are dropped after a few days, and nothing else of the past: they are found without reading it.
CREATE INDEX statistic_hours ON statistic (period) WHERE LENGTH(period) = 13;
