-- Version 1. Every column is explained in docs/database.md.
-- Times are microseconds since 1970 in UTC. A REAL that may not be finite is NULL with its status beside it.

CREATE TABLE space (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL CHECK (name <> ''),
  version TEXT NOT NULL,
  definition TEXT NOT NULL DEFAULT '',
  UNIQUE (name, version)
) STRICT;

-- The digest leads the key, so that the same index finds equal graphs of all spaces.
CREATE TABLE architecture (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  space_id INTEGER NOT NULL REFERENCES space (id),
  digest TEXT NOT NULL CHECK (length(digest) = 32),
  text TEXT NOT NULL,
  params INTEGER NOT NULL,
  macs INTEGER NOT NULL,
  created_us INTEGER NOT NULL,
  UNIQUE (digest, text, space_id)
) STRICT;

CREATE TABLE dataset (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 200),
  spec TEXT NOT NULL CHECK (spec <> ''),
  content TEXT NOT NULL,
  classes INTEGER NOT NULL,
  samples INTEGER NOT NULL,
  added_us INTEGER NOT NULL
) STRICT;

CREATE TABLE fidelity (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  text TEXT NOT NULL UNIQUE CHECK (text <> '')
) STRICT;

CREATE TABLE device (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL CHECK (name <> ''),
  kind TEXT NOT NULL,
  settings TEXT NOT NULL,
  UNIQUE (name, settings, kind)
) STRICT;

CREATE TABLE environment (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  version TEXT NOT NULL,
  libraries TEXT NOT NULL,
  cpu TEXT NOT NULL,
  threads INTEGER NOT NULL,
  UNIQUE (version, libraries, cpu, threads)
) STRICT;

CREATE TABLE study (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 200),
  space_id INTEGER NOT NULL REFERENCES space (id),
  searcher TEXT NOT NULL,
  config TEXT NOT NULL,
  seed INTEGER NOT NULL,
  budget_trials INTEGER NOT NULL,
  state TEXT NOT NULL
    CHECK (state IN ('created', 'running', 'paused', 'finished', 'infeasible')),
  environment_id INTEGER NOT NULL REFERENCES environment (id),
  created_us INTEGER NOT NULL,
  updated_us INTEGER NOT NULL
) STRICT;

CREATE TABLE objective (
  study_id INTEGER NOT NULL REFERENCES study (id),
  position INTEGER NOT NULL CHECK (position >= 0),
  metric TEXT NOT NULL CHECK (metric <> ''),
  device TEXT NOT NULL DEFAULT '',
  direction TEXT NOT NULL CHECK (direction IN ('maximize', 'minimize')),
  PRIMARY KEY (study_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE trial (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  study_id INTEGER NOT NULL REFERENCES study (id),
  number INTEGER NOT NULL CHECK (number >= 0),
  architecture_id INTEGER NOT NULL REFERENCES architecture (id),
  state TEXT NOT NULL CHECK (state IN ('running', 'complete', 'infeasible', 'failed')),
  worker TEXT NOT NULL,
  token INTEGER NOT NULL CHECK (token >= 1),
  lease_until_us INTEGER NOT NULL,
  started_us INTEGER NOT NULL,
  finished_us INTEGER,
  seconds REAL,
  violation REAL,
  error TEXT NOT NULL DEFAULT '',
  reused_from TEXT NOT NULL DEFAULT '',
  UNIQUE (study_id, number),
  CHECK ((state = 'running') = (finished_us IS NULL))
) STRICT;
-- Both hold few rows: a complete trial, the usual end, is in neither.
CREATE INDEX trial_running ON trial (study_id) WHERE state = 'running';
CREATE INDEX trial_unsuccessful ON trial (study_id, state) WHERE state IN ('infeasible', 'failed');

CREATE TABLE metric (
  id INTEGER PRIMARY KEY,
  architecture_id INTEGER NOT NULL REFERENCES architecture (id),
  trial_id INTEGER REFERENCES trial (id),
  study_id INTEGER REFERENCES study (id),
  trial_number INTEGER,
  name TEXT NOT NULL CHECK (name <> ''),
  value REAL,
  status TEXT NOT NULL CHECK (status IN ('finite', 'nan', 'inf', '-inf')),
  source TEXT NOT NULL
    CHECK (source IN ('computed', 'measured', 'tabular', 'predicted', 'proxy')),
  fidelity_id INTEGER REFERENCES fidelity (id),
  device_id INTEGER REFERENCES device (id),
  ranked INTEGER NOT NULL CHECK (ranked IN (0, 1)),
  CHECK ((status = 'finite') = (value IS NOT NULL)),
  CHECK ((trial_id IS NULL) = (study_id IS NULL AND trial_number IS NULL)),
  CHECK (ranked = 0 OR (status = 'finite' AND study_id IS NOT NULL))
) STRICT;
-- Metrics of a trial in the order recorded, and all metrics of an architecture.
CREATE INDEX metric_architecture ON metric (architecture_id, trial_id);
-- The leaderboard of a study: best value first, among equals the lower number, without sorting. The last two columns
-- cost two bytes and let the Pareto front be computed from the index alone.
CREATE INDEX metric_ranking ON metric (study_id, name, value, trial_number, device_id, ranked)
  WHERE ranked = 1;
CREATE INDEX metric_device ON metric (device_id, name, value) WHERE device_id IS NOT NULL;

CREATE TABLE curve (
  trial_id INTEGER NOT NULL REFERENCES trial (id),
  position INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  name TEXT NOT NULL,
  value REAL,
  status TEXT NOT NULL CHECK (status IN ('finite', 'nan', 'inf', '-inf')),
  PRIMARY KEY (trial_id, position),
  CHECK ((status = 'finite') = (value IS NOT NULL))
) STRICT, WITHOUT ROWID;

CREATE TABLE proposal (
  trial_id INTEGER NOT NULL REFERENCES trial (id),
  token INTEGER NOT NULL,
  searcher TEXT NOT NULL,
  reason TEXT NOT NULL,
  seconds REAL,
  PRIMARY KEY (trial_id, token)
) STRICT, WITHOUT ROWID;

CREATE TABLE model (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  architecture_id INTEGER NOT NULL REFERENCES architecture (id),
  trial_id INTEGER REFERENCES trial (id),
  path TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  fidelity_id INTEGER REFERENCES fidelity (id),
  accuracy REAL,
  created_us INTEGER NOT NULL
) STRICT;
CREATE INDEX model_architecture ON model (architecture_id);

CREATE TABLE benchmark (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE CHECK (name <> ''),
  source TEXT NOT NULL,
  licence TEXT NOT NULL,
  rows INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  imported_us INTEGER NOT NULL
) STRICT;

CREATE TABLE event (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at_us INTEGER NOT NULL,
  study_id INTEGER REFERENCES study (id),
  trial_id INTEGER REFERENCES trial (id),
  kind TEXT NOT NULL CHECK (kind <> ''),
  text TEXT NOT NULL
) STRICT;
CREATE INDEX event_study ON event (study_id, id);

-- Every finite metric of every complete trial.
CREATE VIEW leaderboard AS
SELECT study.name AS study, metric.name AS metric, metric.value AS value,
       metric.trial_number AS trial, architecture.text AS architecture,
       architecture.params AS params, architecture.macs AS macs, metric.source AS source,
       fidelity.text AS fidelity, device.name AS device, metric.study_id AS study_id,
       metric.trial_id AS trial_id, metric.architecture_id AS architecture_id
FROM study
JOIN metric ON metric.study_id = study.id AND metric.ranked = 1
JOIN architecture ON architecture.id = metric.architecture_id
LEFT JOIN fidelity ON fidelity.id = metric.fidelity_id
LEFT JOIN device ON device.id = metric.device_id;

-- The trials that no other trial of their study dominates: at least as good in every objective and better in one.
-- `point` has one row a trial with its merits a..d (larger is better; NULL where there is none). One or two objectives
-- are answered by sorting, three or four by comparing pairs; studies with more are left out.
CREATE VIEW pareto AS
WITH
  arity (study_id, objectives) AS (
    SELECT study_id, count(*) FROM objective GROUP BY study_id HAVING count(*) <= 4
  ),
  merit (study_id, trial_number, position, merit) AS (
    SELECT objective.study_id, metric.trial_number, objective.position,
           iif(objective.direction = 'maximize', metric.value, -metric.value)
    FROM objective
    CROSS JOIN metric ON metric.study_id = objective.study_id AND metric.name = objective.metric
      AND metric.ranked = 1
    LEFT JOIN device ON device.id = metric.device_id
    WHERE objective.device IN ('', device.name)
  ),
  point (study_id, trial_number, a, b, c, d) AS (
    SELECT study_id, trial_number,
           max(merit) FILTER (WHERE position = 0), max(merit) FILTER (WHERE position = 1),
           max(merit) FILTER (WHERE position = 2), max(merit) FILTER (WHERE position = 3)
    FROM merit
    GROUP BY study_id, trial_number
  ),
  -- A missing objective takes a trial out; an objective that the study does not have is 0 for all.
  line (study_id, trial_number, a, b) AS (
    SELECT study_id, trial_number, a, iif(objectives = 1, 0, b)
    FROM point JOIN arity USING (study_id)
    WHERE objectives <= 2 AND a IS NOT NULL AND (objectives < 2 OR b IS NOT NULL)
  ),
  body (study_id, trial_number, a, b, c, d) AS (
    SELECT study_id, trial_number, a, b, c, iif(objectives = 3, 0, d)
    FROM point JOIN arity USING (study_id)
    WHERE objectives >= 3 AND a IS NOT NULL AND b IS NOT NULL AND c IS NOT NULL
      AND (objectives < 4 OR d IS NOT NULL)
  ),
  front (study_id, trial_number, a, b, c, d) AS (
    SELECT study_id, trial_number, a, b, 0, 0
    FROM (
      SELECT study_id, trial_number, a, b, max(b) OVER equals AS best_of_equals,
             max(b) OVER better AS best_of_better
      FROM line
      WINDOW
        equals AS (PARTITION BY study_id ORDER BY a DESC
                   GROUPS BETWEEN CURRENT ROW AND CURRENT ROW),
        better AS (PARTITION BY study_id ORDER BY a DESC
                   GROUPS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
    )
    WHERE b = best_of_equals AND (best_of_better IS NULL OR b > best_of_better)
    UNION ALL
    SELECT study_id, trial_number, a, b, c, d
    FROM body
    WHERE NOT EXISTS (
      SELECT 1 FROM body AS other
      WHERE other.study_id = body.study_id
        AND other.a >= body.a AND other.b >= body.b AND other.c >= body.c AND other.d >= body.d
        AND (other.a > body.a OR other.b > body.b OR other.c > body.c OR other.d > body.d))
  )
SELECT study.name AS study, trial.number AS trial, architecture.text AS architecture,
       iif(first.direction = 'maximize', a, -a) AS value_1,
       CASE second.direction WHEN 'maximize' THEN b WHEN 'minimize' THEN -b END AS value_2,
       CASE third.direction WHEN 'maximize' THEN c WHEN 'minimize' THEN -c END AS value_3,
       CASE fourth.direction WHEN 'maximize' THEN d WHEN 'minimize' THEN -d END AS value_4,
       architecture.params AS params, architecture.macs AS macs,
       trial.study_id AS study_id, trial.id AS trial_id, trial.architecture_id AS architecture_id
FROM front
JOIN study ON study.id = front.study_id
JOIN trial ON trial.study_id = front.study_id AND trial.number = front.trial_number
JOIN architecture ON architecture.id = trial.architecture_id
JOIN objective AS first ON first.study_id = front.study_id AND first.position = 0
LEFT JOIN objective AS second ON second.study_id = front.study_id AND second.position = 1
LEFT JOIN objective AS third ON third.study_id = front.study_id AND third.position = 2
LEFT JOIN objective AS fourth ON fourth.study_id = front.study_id AND fourth.position = 3;

-- Every finite latency, whatever its origin.
CREATE VIEW latency AS
SELECT device.name AS device, device.kind AS kind, device.settings AS settings,
       metric.value AS latency_ms, metric.source AS source, space.name AS space,
       architecture.text AS architecture, architecture.params AS params,
       architecture.macs AS macs, architecture.digest AS digest,
       metric.architecture_id AS architecture_id, metric.trial_id AS trial_id
FROM device
JOIN metric ON metric.device_id = device.id AND metric.name = 'latency_ms'
  AND metric.status = 'finite'
JOIN architecture ON architecture.id = metric.architecture_id
JOIN space ON space.id = architecture.space_id;
