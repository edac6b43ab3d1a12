-- Tests of long ago are forgotten: found without reading the rest.
CREATE INDEX client_test_began ON client_test (began);
