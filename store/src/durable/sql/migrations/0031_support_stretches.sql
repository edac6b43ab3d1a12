-- Where the entries of a login are is said by audit_stretch: a row for each of them is kept no more.
DROP TABLE trace_entry;
