-- References that every trial would look up, and whose rows all workers would lock at once (study, environment, network), are looked
-- after by `check`, as those of `metric` to fidelity and device are since version 8. What they refer to exists before: a trial comes from the
-- queue or from a claim that finds its study, values and their merits from a trial that the same transaction ends.
ALTER TABLE trial DROP CONSTRAINT trial_study_id_fkey;
ALTER TABLE trial DROP CONSTRAINT trial_network_id_fkey;
ALTER TABLE trial DROP CONSTRAINT trial_environment_id_fkey;
ALTER TABLE proposal DROP CONSTRAINT proposal_trial_id_fkey;
ALTER TABLE metric DROP CONSTRAINT metric_architecture_id_fkey;
ALTER TABLE metric DROP CONSTRAINT metric_trial_id_fkey;
ALTER TABLE metric DROP CONSTRAINT metric_network_id_fkey;
ALTER TABLE merit DROP CONSTRAINT merit_trial_id_fkey;
