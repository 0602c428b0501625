-- Version 7: files that belong to a database beside models and predictors (supernets first), and what a study records by
-- epoch while it prepares.

CREATE TABLE artifact (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL CHECK (kind <> ''),
  name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  study_id INTEGER REFERENCES study (id),
  trial_id INTEGER REFERENCES trial (id),
  architecture_id INTEGER REFERENCES architecture (id),
  path TEXT NOT NULL CHECK (path <> ''),
  sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
  bytes INTEGER NOT NULL CHECK (bytes >= 0),
  info TEXT NOT NULL CHECK (info LIKE '{%}'),
  version TEXT NOT NULL,
  created_us INTEGER NOT NULL,
  UNIQUE (kind, name)
) STRICT;

CREATE TABLE artifact_curve (
  artifact_id INTEGER NOT NULL REFERENCES artifact (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  name TEXT NOT NULL,
  value REAL,
  status TEXT NOT NULL CHECK (status IN ('finite', 'nan', 'inf', '-inf')),
  PRIMARY KEY (artifact_id, position),
  CHECK ((status = 'finite') = (value IS NOT NULL))
) STRICT, WITHOUT ROWID;

-- One value for each name and epoch: a study that repeats an epoch after a kill replaces what it said of it.
CREATE TABLE study_curve (
  study_id INTEGER NOT NULL REFERENCES study (id),
  name TEXT NOT NULL CHECK (name <> ''),
  epoch INTEGER NOT NULL CHECK (epoch >= 0),
  value REAL,
  status TEXT NOT NULL CHECK (status IN ('finite', 'nan', 'inf', '-inf')),
  PRIMARY KEY (study_id, name, epoch),
  CHECK ((status = 'finite') = (value IS NOT NULL))
) STRICT, WITHOUT ROWID;
