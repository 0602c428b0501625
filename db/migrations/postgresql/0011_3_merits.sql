-- The rule that keeps `merit` counts the objectives of a study once for each trial, not for each value.
CREATE OR REPLACE FUNCTION metric_merit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO {schema}.merit AS known (trial_id, study_id, a, b, c, d)
  SELECT trial_id, study_id, a, CASE WHEN objectives < 2 THEN 0 ELSE b END,
         CASE WHEN objectives < 3 THEN 0 ELSE c END, CASE WHEN objectives < 4 THEN 0 ELSE d END
  FROM (SELECT best.*, (SELECT count(*) FROM {schema}.objective
                        WHERE objective.study_id = best.study_id) AS objectives
        FROM (SELECT added.trial_id, added.study_id,
                     max(signed.value) FILTER (WHERE position = 0) AS a,
                     max(signed.value) FILTER (WHERE position = 1) AS b,
                     max(signed.value) FILTER (WHERE position = 2) AS c,
                     max(signed.value) FILTER (WHERE position = 3) AS d
              FROM added JOIN {schema}.objective
                ON objective.study_id = added.study_id AND objective.metric = added.name,
              LATERAL (SELECT CASE WHEN direction = 'maximize' THEN added.value
                              ELSE -added.value END AS value) AS signed
              WHERE added.ranked = 1
                AND (objective.device = '' OR objective.device =
                     (SELECT device.name FROM {schema}.device WHERE device.id = added.device_id))
              GROUP BY added.trial_id, added.study_id) AS best
        OFFSET 0) AS counted
  WHERE objectives <= 4
  ON CONFLICT (trial_id) DO UPDATE SET
    a = greatest(known.a, excluded.a), b = greatest(known.b, excluded.b),
    c = greatest(known.c, excluded.c), d = greatest(known.d, excluded.d);
  RETURN NULL;
END
$$;

-- As other references of version 10, looked after by `check`: values and their merits come from a trial that the same transaction ends.
ALTER TABLE merit DROP CONSTRAINT merit_trial_id_fkey;
