-- What upkeep looks for every few seconds or minutes is found without reading everybody's.
CREATE INDEX way_seen_device ON way_seen (last_at) WHERE kind = 'device';
CREATE INDEX person_case_left ON person_case (opened_at) WHERE followed = FALSE;
