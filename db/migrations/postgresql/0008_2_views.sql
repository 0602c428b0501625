-- Views of version 8, as on SQLite.

-- Every finite metric of every complete trial with the network that it belongs to. `params` and `macs` are those that
-- the trial recorded: of the network that it was judged as.
CREATE VIEW leaderboard AS
SELECT study.name AS study, metric.name AS metric, metric.value AS value,
       metric.trial_number AS trial, architecture.text AS architecture,
       (SELECT CAST(size.value AS bigint) FROM metric AS size
        WHERE size.architecture_id = metric.architecture_id AND size.trial_id = metric.trial_id
          AND size.name = 'params' LIMIT 1) AS params,
       (SELECT CAST(size.value AS bigint) FROM metric AS size
        WHERE size.architecture_id = metric.architecture_id AND size.trial_id = metric.trial_id
          AND size.name = 'macs' LIMIT 1) AS macs,
       architecture.published_params AS published_params,
       architecture.published_macs AS published_macs,
       metric.source AS source, fidelity.text AS fidelity, device.name AS device,
       coalesce(network.text, 'unknown') AS network, metric.study_id AS study_id,
       metric.trial_id AS trial_id, metric.architecture_id AS architecture_id
FROM study
JOIN metric ON metric.study_id = study.id AND metric.ranked = 1
JOIN architecture ON architecture.id = metric.architecture_id
LEFT JOIN fidelity ON fidelity.id = metric.fidelity_id
LEFT JOIN device ON device.id = metric.device_id
LEFT JOIN network ON network.id = metric.network_id;

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
    JOIN merit AS now ON now.trial_id = step.trial_id
    JOIN merit AS equal ON equal.study_id = now.study_id
      AND equal.a = now.a AND equal.b = now.b
      AND equal.a IS NOT NULL AND equal.b IS NOT NULL AND equal.c IS NOT NULL AND equal.d IS NOT NULL
    UNION ALL
    SELECT body.study_id, body.trial_id, body.a, body.b, body.c, body.d
    FROM arity
    JOIN merit AS body ON body.study_id = arity.study_id
      AND body.a IS NOT NULL AND body.b IS NOT NULL AND body.c IS NOT NULL AND body.d IS NOT NULL
    WHERE objectives >= 3 AND NOT EXISTS (
      SELECT 1 FROM merit AS other
      WHERE other.study_id = body.study_id
        AND other.a IS NOT NULL AND other.b IS NOT NULL AND other.c IS NOT NULL AND other.d IS NOT NULL
        AND other.a >= body.a AND other.b >= body.b AND other.c >= body.c AND other.d >= body.d
        AND (other.a > body.a OR other.b > body.b OR other.c > body.c OR other.d > body.d))
  )
SELECT study.name AS study, trial.number AS trial, architecture.text AS architecture,
       CASE first.direction WHEN 'maximize' THEN a ELSE -a END AS value_1,
       CASE second.direction WHEN 'maximize' THEN b WHEN 'minimize' THEN -b END AS value_2,
       CASE third.direction WHEN 'maximize' THEN c WHEN 'minimize' THEN -c END AS value_3,
       CASE fourth.direction WHEN 'maximize' THEN d WHEN 'minimize' THEN -d END AS value_4,
       (SELECT CAST(size.value AS bigint) FROM metric AS size
        WHERE size.architecture_id = trial.architecture_id AND size.trial_id = trial.id
          AND size.name = 'params' LIMIT 1) AS params,
       (SELECT CAST(size.value AS bigint) FROM metric AS size
        WHERE size.architecture_id = trial.architecture_id AND size.trial_id = trial.id
          AND size.name = 'macs' LIMIT 1) AS macs,
       architecture.published_params AS published_params,
       architecture.published_macs AS published_macs,
       coalesce(network.text, 'unknown') AS network,
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

-- Every finite latency with the network that it was measured of, whatever its origin.
CREATE VIEW latency AS
SELECT device.name AS device, device.kind AS kind, device.settings AS settings,
       device.machine AS machine, device.runtime AS runtime, device.batch AS batch,
       device.threads AS threads, device.precision AS precision,
       metric.value AS latency_ms, metric.source AS source, space.name AS space,
       architecture.text AS architecture, coalesce(network.text, 'unknown') AS network,
       architecture.published_params AS published_params,
       architecture.published_macs AS published_macs, architecture.digest AS digest,
       metric.architecture_id AS architecture_id, metric.trial_id AS trial_id
FROM device
JOIN metric ON metric.device_id = device.id AND metric.name = 'latency_ms'
  AND metric.status = 'finite'
JOIN architecture ON architecture.id = metric.architecture_id
JOIN space ON space.id = architecture.space_id
LEFT JOIN network ON network.id = metric.network_id;

-- What is known about every column of every benchmark, without the values. `network` is NULL where it is that of the
-- source.
CREATE VIEW benchmark_columns AS
SELECT benchmark.name AS benchmark, benchmark.space AS space, metric, dataset, split, epochs,
       statistic, device, unit, direction, benchmark_column.source AS source, origin,
       network.text AS network, width, benchmark.rows AS rows, missing, failed, encoding,
       length(data) AS bytes, benchmark.id AS benchmark_id, benchmark_column.id AS column_id
FROM benchmark_column JOIN benchmark ON benchmark.id = benchmark_column.benchmark_id
LEFT JOIN benchmark_column_network ON benchmark_column_network.column_id = benchmark_column.id
LEFT JOIN network ON network.id = benchmark_column_network.network_id
ORDER BY benchmark.name, benchmark_column.id;
