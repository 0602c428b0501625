-- Version 3: every value, curve and model names the network that it belongs to. The same architecture is another
-- network for other images, classes, widths or depths; the text of a network is explained in core/api/task.h.
-- NULL is unknown: stored by an earlier version and not to be known from what it kept.

CREATE TABLE network (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  text TEXT NOT NULL UNIQUE CHECK (text <> '')
) STRICT;

DROP VIEW leaderboard;
DROP VIEW pareto;
DROP VIEW latency;
DROP VIEW benchmark_columns;

-- Both were sizes of the space's published network all along.
ALTER TABLE architecture RENAME COLUMN params TO published_params;
ALTER TABLE architecture RENAME COLUMN macs TO published_macs;

ALTER TABLE trial ADD COLUMN network_id INTEGER REFERENCES network (id);
ALTER TABLE metric ADD COLUMN network_id INTEGER REFERENCES network (id);
ALTER TABLE curve ADD COLUMN network_id INTEGER REFERENCES network (id);
ALTER TABLE model ADD COLUMN network_id INTEGER REFERENCES network (id);

-- Beside the columns, whose values make their rows slow to read past. A column without a row here is of the network
-- that its source describes.
CREATE TABLE benchmark_column_network (
  column_id INTEGER PRIMARY KEY REFERENCES benchmark_column (id) ON DELETE CASCADE,
  network_id INTEGER NOT NULL REFERENCES network (id)
) STRICT;

-- The networks of rows of versions 1 and 2. What follows states facts of those versions, in which it is written down
-- once and for all: their spaces, their data sets of fixed size, and how they wrote configurations and fidelities.
-- An absent fact is NULL, and so is everything that is made of it.

CREATE TABLE old_space (
  name TEXT PRIMARY KEY, input TEXT, classes INTEGER,  -- of the published network
  width INTEGER, depth INTEGER, small_width INTEGER, small_depth INTEGER,  -- NULL: no such setting
  skeleton TEXT
) STRICT;
INSERT INTO old_space VALUES
  ('nasbench201', '[3,32,32]', 10, 16, 5, 8, 1, ''),
  ('nasbench101', '[3,32,32]', 10, 128, 3, 16, 1, ''),
  ('nats_size', '[3,32,32]', 10, NULL, NULL, NULL, NULL, ''),
  ('darts', '[3,32,32]', 10, 36, 20, 8, 5, 'cifar'),
  ('ofa_mobilenetv3', '[3,224,224]', 1000, NULL, NULL, NULL, NULL, ''),
  ('cifar_resnet', '[3,32,32]', 100, 16, NULL, 8, NULL, ''),
  ('nasbench_macro', '[3,32,32]', 10, 32, NULL, 8, NULL, ''),
  ('transnas_micro', '[3,256,256]', 63, 64, 2, 8, 1, ''),
  ('transnas_macro', '[3,256,256]', 63, 64, NULL, 8, NULL, '');

CREATE TABLE old_data (kind TEXT PRIMARY KEY, input TEXT, classes INTEGER) STRICT;
INSERT INTO old_data VALUES
  ('cifar10', '[3,32,32]', 10), ('cifar100', '[3,32,32]', 100), ('glyphs', '[3,32,32]', 10);

-- Configurations are TOML with one `key = value` a line, in sections. A line break inside a value is escaped.
CREATE TABLE old_setting (
  study_id INTEGER, section TEXT, key TEXT, value TEXT, PRIMARY KEY (study_id, section, key)
) STRICT, WITHOUT ROWID;
WITH
  wanted (section, key) AS (
    VALUES ('', 'data'), ('scores', 'data'), ('space', 'width_multiplier'),
      ('recipe', 'width'), ('recipe', 'depth'), ('recipe', 'skeleton'),
      ('recipe', 'auxiliary_weight'), ('final', 'width'), ('final', 'depth'),
      ('final', 'skeleton'), ('final', 'auxiliary_weight')
  ),
  -- From the line break before the section's first line.
  opened (study_id, section, key, rest) AS (
    SELECT id, section, key,
           iif(section = '', char(10) || config || char(10),
               substr(char(10) || config || char(10),
                      instr(char(10) || config, char(10) || '[' || section || ']' || char(10))
                        + length(section) + 3))
    FROM study CROSS JOIN wanted
    WHERE section = '' OR instr(char(10) || config, char(10) || '[' || section || ']' || char(10)) > 0
  ),
  body (study_id, section, key, lines) AS (
    SELECT study_id, section, key,
           iif(instr(rest, char(10) || '[') = 0, rest,
               substr(rest, 1, instr(rest, char(10) || '[')))
    FROM opened
  ),
  -- From the value to the end of the section.
  found (study_id, section, key, tail) AS (
    SELECT study_id, section, key,
           substr(lines, instr(lines, char(10) || key || ' = ') + length(key) + 4)
    FROM body
    WHERE instr(lines, char(10) || key || ' = ') > 0
  )
INSERT INTO old_setting
SELECT study_id, section, key, trim(substr(tail, 1, instr(tail, char(10)) - 1), '"') FROM found;

-- A network as it was asked for. `kind` is that of the data set, '' for none; `space_option` what follows in the text.
CREATE TABLE old_network (
  study_id INTEGER, fidelity_id INTEGER, space TEXT, use TEXT,  -- use: judged, searched, scored or alone
  kind TEXT, width INTEGER, depth INTEGER, skeleton TEXT, auxiliary INTEGER, space_option TEXT,
  text TEXT
) STRICT;

-- Studies: what sizes and latency belong to, what was trained, and what proxies scored.
WITH
  -- A data set that was given by name is known from the trainings with it.
  trained (study_id, kind) AS (
    SELECT study_id, min(substr(fidelity.text, 1, instr(fidelity.text, '[') - 1))
    FROM metric JOIN fidelity ON fidelity.id = fidelity_id
    WHERE study_id IS NOT NULL AND source = 'measured' AND instr(fidelity.text, '[') > 1
    GROUP BY study_id
  ),
  named (study_id, section, kind) AS (
    SELECT old_setting.study_id, section,
           CASE WHEN value IN ('', 'noise') THEN ''
             ELSE ifnull((SELECT kind FROM old_data
                          WHERE value = kind OR value LIKE kind || ':%'),
                         iif(section = '', trained.kind, NULL)) END
    FROM old_setting LEFT JOIN trained ON trained.study_id = old_setting.study_id
    WHERE key = 'data'
  ),
  setting (study_id, section, width, depth, skeleton, auxiliary) AS (
    SELECT study_id, section, max(value) FILTER (WHERE key = 'width'),
           max(value) FILTER (WHERE key = 'depth'), max(value) FILTER (WHERE key = 'skeleton'),
           max(value) FILTER (WHERE key = 'auxiliary_weight')
    FROM old_setting WHERE section IN ('recipe', 'final') GROUP BY study_id, section
  ),
  facts (study_id, space, kind, score_kind, space_option) AS (
    SELECT study.id, space.name, data.kind, scores.kind,
           CASE WHEN space.name <> 'ofa_mobilenetv3' THEN ''
             ELSE iif(option.value = '1.0', '', '; space.width_multiplier=' || option.value) END
    FROM study
    JOIN space ON space.id = study.space_id AND space.version = '1'
    LEFT JOIN named AS data ON data.study_id = study.id AND data.section = ''
    LEFT JOIN named AS scores ON scores.study_id = study.id AND scores.section = 'scores'
    LEFT JOIN old_setting AS option ON option.study_id = study.id AND option.section = 'space'
  )
INSERT INTO old_network
SELECT facts.study_id, NULL, space, iif(section = 'final', 'judged', 'searched'), kind,
       -- Without data nothing is trained, and the published network is judged.
       iif(kind = '', 0, CAST(width AS INTEGER)), iif(kind = '', 0, CAST(depth AS INTEGER)),
       iif(kind = '', '', skeleton), iif(kind = '', 0, CAST(auxiliary AS REAL) > 0), space_option,
       NULL
FROM facts JOIN setting ON setting.study_id = facts.study_id
UNION ALL
SELECT study_id, NULL, space, 'scored', score_kind, 0, 0, '', 0, space_option, NULL FROM facts;

-- Values outside any trial: a fidelity starts with the data set, then names the recipe, or says of untrained networks
-- "untrained:data=noise,...". The options of their spaces are not kept.
WITH
  alone (fidelity_id, space, text) AS (
    SELECT DISTINCT fidelity.id, space.name, char(10) || fidelity.text || ';'
    FROM (SELECT architecture_id, fidelity_id FROM metric WHERE trial_id IS NULL
          UNION SELECT architecture_id, fidelity_id FROM model WHERE trial_id IS NULL) AS given
    JOIN architecture ON architecture.id = given.architecture_id
    JOIN space ON space.id = architecture.space_id AND space.version = '1'
    JOIN fidelity ON fidelity.id = given.fidelity_id
  ),
  scored (fidelity_id, space, text) AS (
    SELECT fidelity_id, space, substr(text, length('untrained:data=') + 2) FROM alone
    WHERE text LIKE char(10) || 'untrained:data=%'
  ),
  field (fidelity_id, space, text, width, depth, skeleton, auxiliary) AS (
    SELECT fidelity_id, space, text, substr(text, instr(text, '; width=') + 8),
           substr(text, instr(text, '; depth=') + 8), substr(text, instr(text, '; skeleton=') + 11),
           substr(text, instr(text, '; auxiliary_weight=') + 19)
    FROM alone
    WHERE text NOT LIKE char(10) || 'untrained:%' AND instr(text, '; width=') > 0
      AND instr(text, '; depth=') > 0 AND instr(text, '; skeleton=') > 0
      AND instr(text, '; auxiliary_weight=') > 0
  )
INSERT INTO old_network
SELECT NULL, fidelity_id, space, 'alone', substr(text, 2, instr(text, '[') - 2),
       CAST(width AS INTEGER), CAST(depth AS INTEGER),
       substr(skeleton, 1, instr(skeleton, ';') - 1), CAST(auxiliary AS REAL) > 0,
       iif(space = 'ofa_mobilenetv3', NULL, ''), NULL
FROM field WHERE instr(text, '[') > 2
UNION ALL
SELECT NULL, fidelity_id, space, 'alone',
       iif(text LIKE 'noise,%', '', substr(text, 1, instr(text, '[') - 1)), 0, 0, '', 0,
       iif(space = 'ofa_mobilenetv3', NULL, ''), NULL
FROM scored;

-- 0 takes the published setting, -1 that of the small network, where there is one.
WITH
  settled (place, input, classes, width, depth, skeleton) AS (
    SELECT asked.rowid,
           iif(asked.kind = '', old_space.input, old_data.input),
           iif(asked.kind = '', old_space.classes, old_data.classes),
           CASE WHEN old_space.width IS NULL THEN iif(asked.width <= 0, 0, NULL)
             WHEN asked.width = 0 THEN
               iif(asked.space = 'darts' AND asked.skeleton = 'imagenet', 48, old_space.width)
             WHEN asked.width = -1 THEN old_space.small_width
             ELSE asked.width END,
           CASE WHEN old_space.depth IS NULL THEN iif(asked.depth <= 0, 0, NULL)
             WHEN asked.depth = 0 THEN
               iif(asked.space = 'darts' AND asked.skeleton = 'imagenet', 14, old_space.depth)
             WHEN asked.depth = -1 THEN old_space.small_depth
             ELSE asked.depth END,
           iif(asked.skeleton = '', old_space.skeleton, asked.skeleton)
    FROM old_network AS asked
    JOIN old_space ON old_space.name = asked.space
    LEFT JOIN old_data ON old_data.kind = asked.kind
  )
UPDATE old_network
SET text = 'image: float' || settled.input || ' -> class: classes[' || settled.classes || ']'
  || iif(settled.width > 0, '; width=' || settled.width, iif(settled.width = 0, '', NULL))
  || iif(settled.depth > 0, '; depth=' || settled.depth, iif(settled.depth = 0, '', NULL))
  || iif(settled.skeleton = '', '', '; skeleton=' || settled.skeleton)
  || iif(old_network.auxiliary = 1, '; auxiliary=true', '') || old_network.space_option
FROM settled WHERE settled.place = old_network.rowid;

INSERT INTO network (text) SELECT DISTINCT text FROM old_network WHERE text IS NOT NULL;

-- One row for each use of a study, and for each space and fidelity of what belongs to no study.
CREATE TABLE old_use (study_id INTEGER, use TEXT, network_id INTEGER, PRIMARY KEY (study_id, use))
  STRICT, WITHOUT ROWID;
INSERT INTO old_use
SELECT study_id, use, network.id FROM old_network JOIN network ON network.text = old_network.text
WHERE study_id IS NOT NULL;
CREATE TABLE old_alone (
  space_id INTEGER, fidelity_id INTEGER, network_id INTEGER, PRIMARY KEY (space_id, fidelity_id)
) STRICT, WITHOUT ROWID;
INSERT INTO old_alone
SELECT space.id, fidelity_id, network.id
FROM old_network JOIN network ON network.text = old_network.text
JOIN space ON space.name = old_network.space AND space.version = '1'
WHERE fidelity_id IS NOT NULL;

UPDATE trial SET network_id = (
  SELECT network_id FROM old_use WHERE old_use.study_id = trial.study_id AND use = 'judged');
UPDATE metric SET network_id = (
  SELECT network_id FROM old_use
  WHERE old_use.study_id = metric.study_id
    AND use = CASE WHEN metric.source = 'proxy' THEN 'scored'
                WHEN metric.fidelity_id IS NULL THEN 'judged' ELSE 'searched' END)
WHERE study_id IS NOT NULL;
UPDATE curve SET network_id = (
  SELECT old_use.network_id FROM trial JOIN old_use ON old_use.study_id = trial.study_id
  WHERE trial.id = curve.trial_id AND use = 'searched');
-- The winner of a study is trained by the final recipe, which is also what trials are judged as.
UPDATE model SET network_id = (
  SELECT old_use.network_id FROM trial JOIN old_use ON old_use.study_id = trial.study_id
  WHERE trial.id = model.trial_id AND use = 'judged')
WHERE trial_id IS NOT NULL;
UPDATE model SET network_id = (
  SELECT old_alone.network_id FROM architecture
  JOIN old_alone ON old_alone.space_id = architecture.space_id
  WHERE architecture.id = model.architecture_id AND old_alone.fidelity_id = model.fidelity_id)
WHERE trial_id IS NULL;
UPDATE metric SET network_id = ifnull(
  (SELECT model.network_id FROM model
   WHERE model.architecture_id = metric.architecture_id AND model.fidelity_id = metric.fidelity_id
     AND model.network_id IS NOT NULL LIMIT 1),
  (SELECT old_alone.network_id FROM architecture
   JOIN old_alone ON old_alone.space_id = architecture.space_id
   WHERE architecture.id = metric.architecture_id
     AND old_alone.fidelity_id = metric.fidelity_id))
WHERE study_id IS NULL;

DROP TABLE old_alone;
DROP TABLE old_use;
DROP TABLE old_network;
DROP TABLE old_setting;
DROP TABLE old_data;
DROP TABLE old_space;

-- Every finite metric of every complete trial with the network that it belongs to. `params` and `macs` are those that
-- the trial recorded: of the network that it was judged as.
CREATE VIEW leaderboard AS
SELECT study.name AS study, metric.name AS metric, metric.value AS value,
       metric.trial_number AS trial, architecture.text AS architecture,
       (SELECT CAST(size.value AS INTEGER) FROM metric AS size
        WHERE size.architecture_id = metric.architecture_id AND size.trial_id = metric.trial_id
          AND size.name = 'params' LIMIT 1) AS params,
       (SELECT CAST(size.value AS INTEGER) FROM metric AS size
        WHERE size.architecture_id = metric.architecture_id AND size.trial_id = metric.trial_id
          AND size.name = 'macs' LIMIT 1) AS macs,
       architecture.published_params AS published_params,
       architecture.published_macs AS published_macs,
       metric.source AS source, fidelity.text AS fidelity, device.name AS device,
       ifnull(network.text, 'unknown') AS network, metric.study_id AS study_id,
       metric.trial_id AS trial_id, metric.architecture_id AS architecture_id
FROM study
JOIN metric ON metric.study_id = study.id AND metric.ranked = 1
JOIN architecture ON architecture.id = metric.architecture_id
LEFT JOIN fidelity ON fidelity.id = metric.fidelity_id
LEFT JOIN device ON device.id = metric.device_id
LEFT JOIN network ON network.id = metric.network_id;

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
JOIN trial ON trial.study_id = front.study_id AND trial.number = front.trial_number
JOIN architecture ON architecture.id = trial.architecture_id
LEFT JOIN network ON network.id = trial.network_id
JOIN objective AS first ON first.study_id = front.study_id AND first.position = 0
LEFT JOIN objective AS second ON second.study_id = front.study_id AND second.position = 1
LEFT JOIN objective AS third ON third.study_id = front.study_id AND third.position = 2
LEFT JOIN objective AS fourth ON fourth.study_id = front.study_id AND fourth.position = 3;

-- Every finite latency with the network that it was measured of, whatever its origin.
CREATE VIEW latency AS
SELECT device.name AS device, device.kind AS kind, device.settings AS settings,
       metric.value AS latency_ms, metric.source AS source, space.name AS space,
       architecture.text AS architecture, ifnull(network.text, 'unknown') AS network,
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
