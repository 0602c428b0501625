-- Version 11: where a value may lie (MetricValue::interval). NULL: not known, as in every row from before.
ALTER TABLE metric ADD COLUMN low double precision;
ALTER TABLE metric ADD COLUMN high double precision;
