-- Version 9: studies that many processes work on. One proposes (`study_lead`), trials wait in `queue` for those that
-- evaluate (`worker`), which launchers may have started (`allocation`); a trial names the environment that judged it.

CREATE TABLE study_lead (
  study_id INTEGER PRIMARY KEY REFERENCES study (id),
  leader TEXT NOT NULL,
  token INTEGER NOT NULL CHECK (token >= 1),
  lease_until_us INTEGER NOT NULL,
  needs TEXT NOT NULL
) STRICT;

-- A row lives until its trial is finished. `taken` is 1 from the first time that a worker takes it.
CREATE TABLE queue (
  study_id INTEGER NOT NULL REFERENCES study (id),
  number INTEGER NOT NULL CHECK (number >= 0),
  architecture_id INTEGER NOT NULL REFERENCES architecture (id),
  network_id INTEGER REFERENCES network (id),
  epochs INTEGER NOT NULL,
  searcher TEXT NOT NULL,
  reason TEXT NOT NULL,
  ask_seconds REAL,
  queued_us INTEGER NOT NULL,
  taken INTEGER NOT NULL CHECK (taken IN (0, 1)),
  PRIMARY KEY (study_id, number)
) STRICT;
CREATE INDEX queue_waiting ON queue (study_id, taken, number) WHERE taken = 0;

CREATE TABLE worker (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL CHECK (name <> ''),
  host TEXT NOT NULL,
  pid INTEGER NOT NULL,
  environment_id INTEGER NOT NULL REFERENCES environment (id),
  devices TEXT NOT NULL,
  job TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('idle', 'busy', 'blocked', 'gone')),
  note TEXT NOT NULL,
  trials INTEGER NOT NULL,
  seconds REAL NOT NULL,
  started_us INTEGER NOT NULL,
  seen_us INTEGER NOT NULL
) STRICT;
CREATE INDEX worker_seen ON worker (seen_us);

CREATE TABLE allocation (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  study_id INTEGER NOT NULL REFERENCES study (id),
  launcher TEXT NOT NULL CHECK (launcher <> ''),
  job TEXT NOT NULL,
  workers INTEGER NOT NULL CHECK (workers >= 1),
  asked_us INTEGER NOT NULL,
  ended_us INTEGER
) STRICT;
CREATE INDEX allocation_study ON allocation (study_id);

-- NULL: stored by an earlier version, in the environment of the study as far as is known.
ALTER TABLE trial ADD COLUMN environment_id INTEGER REFERENCES environment (id);

-- Those whose lease has passed are found without reading those that are at work.
DROP INDEX trial_running;
CREATE INDEX trial_running ON trial (study_id, lease_until_us) WHERE state = 'running';
