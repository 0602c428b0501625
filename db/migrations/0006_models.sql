-- Version 6: a model says what it was judged by. Until then it was the test accuracy in percent.

ALTER TABLE model RENAME COLUMN accuracy TO value;
ALTER TABLE model ADD COLUMN metric TEXT;  -- of `value`: 'test_accuracy', 'test_eer'; NULL = by nothing
UPDATE model SET metric = 'test_accuracy' WHERE value IS NOT NULL;
