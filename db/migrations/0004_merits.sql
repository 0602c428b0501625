-- Version 4: the objectives of a trial in one row, so that the front of a large study is read from an index.

-- How good a trial is in the objectives of its study, in their order; larger is better. NULL: not known (yet). An
-- objective that the study does not have is 0 for all. Studies with more than four objectives have no rows here.
CREATE TABLE merit (
  trial_id INTEGER PRIMARY KEY REFERENCES trial (id) ON DELETE CASCADE,
  study_id INTEGER NOT NULL,
  a REAL,
  b REAL,
  c REAL,
  d REAL
) STRICT;

INSERT INTO merit
WITH
  arity (study_id, objectives) AS (
    SELECT study_id, count(*) FROM objective GROUP BY study_id HAVING count(*) <= 4
  ),
  value (trial_id, study_id, objectives, position, merit) AS (
    SELECT metric.trial_id, metric.study_id, objectives, position,
           iif(objective.direction = 'maximize', metric.value, -metric.value)
    FROM arity JOIN objective ON objective.study_id = arity.study_id
    CROSS JOIN metric ON metric.study_id = objective.study_id AND metric.name = objective.metric
      AND metric.ranked = 1
    LEFT JOIN device ON device.id = metric.device_id
    WHERE objective.device IN ('', device.name)
  )
SELECT trial_id, study_id, max(merit) FILTER (WHERE position = 0),
       iif(objectives < 2, 0, max(merit) FILTER (WHERE position = 1)),
       iif(objectives < 3, 0, max(merit) FILTER (WHERE position = 2)),
       iif(objectives < 4, 0, max(merit) FILTER (WHERE position = 3))
FROM value GROUP BY trial_id;

CREATE INDEX merit_front ON merit (study_id, a, b, c, d)
  WHERE a IS NOT NULL AND b IS NOT NULL AND c IS NOT NULL AND d IS NOT NULL;

-- Whoever adds a ranked value keeps the table right. Of several values of one objective the best counts.
CREATE TRIGGER metric_merit AFTER INSERT ON metric WHEN NEW.ranked = 1
BEGIN
  INSERT INTO merit (trial_id, study_id, a, b, c, d)
  SELECT NEW.trial_id, NEW.study_id, iif(position = 0, value, NULL),
         iif(objectives < 2, 0, iif(position = 1, value, NULL)),
         iif(objectives < 3, 0, iif(position = 2, value, NULL)),
         iif(objectives < 4, 0, iif(position = 3, value, NULL))
  FROM (SELECT position, iif(direction = 'maximize', NEW.value, -NEW.value) AS value,
               (SELECT count(*) FROM objective WHERE study_id = NEW.study_id) AS objectives
        FROM objective
        WHERE study_id = NEW.study_id AND metric = NEW.name
          AND device IN ('', (SELECT name FROM device WHERE id = NEW.device_id)))
  WHERE objectives <= 4
  ON CONFLICT (trial_id) DO UPDATE SET
    a = iif(a IS NULL OR excluded.a > a, excluded.a, a),
    b = iif(b IS NULL OR excluded.b > b, excluded.b, b),
    c = iif(c IS NULL OR excluded.c > c, excluded.c, c),
    d = iif(d IS NULL OR excluded.d > d, excluded.d, d);
END;

DROP VIEW pareto;

-- The trials that no other trial of their study dominates: at least as good in every objective and better in one. One or
-- two objectives are a staircase down the index: from the best trial in the first to the next one that is better in the
-- second. Three or four are answered by comparing pairs; studies with more are left out.
CREATE VIEW pareto AS
WITH RECURSIVE
  arity (study_id, objectives) AS (
    SELECT study_id, count(*) FROM objective GROUP BY study_id HAVING count(*) <= 4
  ),
  step (study_id, trial_id) AS (
    SELECT study_id, (
        SELECT trial_id FROM merit
        WHERE merit.study_id = arity.study_id
          AND a IS NOT NULL AND b IS NOT NULL AND c IS NOT NULL AND d IS NOT NULL
        ORDER BY a DESC, b DESC LIMIT 1)
    FROM arity WHERE objectives <= 2
    UNION ALL
    SELECT step.study_id, (
        SELECT next.trial_id FROM merit AS next
        WHERE next.study_id = step.study_id AND next.a < now.a AND next.b > now.b
          AND next.a IS NOT NULL AND next.b IS NOT NULL AND next.c IS NOT NULL AND next.d IS NOT NULL
        ORDER BY next.a DESC, next.b DESC LIMIT 1)
    FROM step JOIN merit AS now ON now.trial_id = step.trial_id
  ),
  front (study_id, trial_id, a, b, c, d) AS (
    SELECT equal.study_id, equal.trial_id, equal.a, equal.b, 0, 0
    FROM step
    CROSS JOIN merit AS now ON now.trial_id = step.trial_id
    CROSS JOIN merit AS equal ON equal.study_id = now.study_id
      AND equal.a = now.a AND equal.b = now.b
      AND equal.a IS NOT NULL AND equal.b IS NOT NULL AND equal.c IS NOT NULL AND equal.d IS NOT NULL
    UNION ALL
    SELECT body.study_id, body.trial_id, body.a, body.b, body.c, body.d
    FROM arity
    CROSS JOIN merit AS body ON body.study_id = arity.study_id
      AND body.a IS NOT NULL AND body.b IS NOT NULL AND body.c IS NOT NULL AND body.d IS NOT NULL
    WHERE objectives >= 3 AND NOT EXISTS (
      SELECT 1 FROM merit AS other
      WHERE other.study_id = body.study_id
        AND other.a IS NOT NULL AND other.b IS NOT NULL AND other.c IS NOT NULL AND other.d IS NOT NULL
        AND other.a >= body.a AND other.b >= body.b AND other.c >= body.c AND other.d >= body.d
        AND (other.a > body.a OR other.b > body.b OR other.c > body.c OR other.d > body.d))
  )
SELECT study.name AS study, trial.number AS trial, architecture.text AS architecture,
       iif(first.direction = 'maximize', a, -a) AS value_1,
       CASE second.direction WHEN 'maximize' THEN b WHEN 'minimize' THEN -b END AS value_2,
       CASE third.direction WHEN 'maximize' THEN c WHEN 'minimize' THEN -c END AS value_3,
       CASE fourth.direction WHEN 'maximize' THEN d WHEN 'minimize' THEN -d END AS value_4,
       (SELECT CAST(size.value AS INTEGER) FROM metric AS size
        WHERE size.architecture_id = trial.architecture_id AND size.trial_id = trial.id
          AND size.name = 'params' LIMIT 1) AS params,
       (SELECT CAST(size.value AS INTEGER) FROM metric AS size
        WHERE size.architecture_id = trial.architecture_id AND size.trial_id = trial.id
          AND size.name = 'macs' LIMIT 1) AS macs,
       architecture.published_params AS published_params,
       architecture.published_macs AS published_macs,
       ifnull(network.text, 'unknown') AS network,
       trial.study_id AS study_id, trial.id AS trial_id, trial.architecture_id AS architecture_id
FROM front
JOIN study ON study.id = front.study_id
JOIN trial ON trial.id = front.trial_id
JOIN architecture ON architecture.id = trial.architecture_id
LEFT JOIN network ON network.id = trial.network_id
JOIN objective AS first ON first.study_id = front.study_id AND first.position = 0
LEFT JOIN objective AS second ON second.study_id = front.study_id AND second.position = 1
LEFT JOIN objective AS third ON third.study_id = front.study_id AND third.position = 2
LEFT JOIN objective AS fourth ON fourth.study_id = front.study_id AND fourth.position = 3;
