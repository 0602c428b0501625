-- Version 11: where a value may lie (MetricValue::interval). NULL: not known, as in every row from before.
ALTER TABLE metric ADD COLUMN low REAL;
ALTER TABLE metric ADD COLUMN high REAL;
