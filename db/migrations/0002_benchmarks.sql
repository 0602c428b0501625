-- Version 2: benchmarks column by column, and fitted predictors.

ALTER TABLE benchmark ADD COLUMN space TEXT NOT NULL DEFAULT '';
ALTER TABLE benchmark ADD COLUMN space_version TEXT NOT NULL DEFAULT '';

-- Apart from `benchmark`, so that reading the list of benchmarks never meets the bulk.
CREATE TABLE benchmark_text (
  benchmark_id INTEGER PRIMARY KEY REFERENCES benchmark (id) ON DELETE CASCADE,
  crc32 INTEGER NOT NULL,
  texts BLOB NOT NULL
) STRICT;

-- The values are the last column: SQLite does not touch their pages to read the others.
CREATE TABLE benchmark_column (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  benchmark_id INTEGER NOT NULL REFERENCES benchmark (id) ON DELETE CASCADE,
  metric TEXT NOT NULL CHECK (metric <> ''),
  dataset TEXT NOT NULL,
  split TEXT NOT NULL,
  epochs INTEGER NOT NULL CHECK (epochs >= 0),
  statistic TEXT NOT NULL,
  device TEXT NOT NULL,
  unit TEXT NOT NULL,
  direction TEXT NOT NULL CHECK (direction IN ('maximize', 'minimize')),
  source TEXT NOT NULL
    CHECK (source IN ('computed', 'measured', 'tabular', 'predicted', 'proxy')),
  origin TEXT NOT NULL,
  width INTEGER NOT NULL CHECK (width >= 1),
  missing INTEGER NOT NULL CHECK (missing >= 0),
  failed INTEGER NOT NULL CHECK (failed >= 0),
  encoding TEXT NOT NULL CHECK (encoding IN ('float64', 'shuffled-zlib')),
  crc32 INTEGER NOT NULL,
  data BLOB NOT NULL,
  UNIQUE (benchmark_id, metric, dataset, split, epochs, statistic, device)
) STRICT;

CREATE TABLE predictor (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 200),
  plugin TEXT NOT NULL CHECK (plugin <> ''),
  options TEXT NOT NULL,
  space TEXT NOT NULL,
  target TEXT NOT NULL,
  features TEXT NOT NULL,
  samples INTEGER NOT NULL CHECK (samples >= 0),
  seed INTEGER NOT NULL,
  path TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  report TEXT NOT NULL,
  created_us INTEGER NOT NULL
) STRICT;

-- What is known about every column of every benchmark, without the values.
CREATE VIEW benchmark_columns AS
SELECT benchmark.name AS benchmark, benchmark.space AS space, metric, dataset, split, epochs,
       statistic, device, unit, direction, benchmark_column.source AS source, origin, width,
       benchmark.rows AS rows, missing, failed, encoding, length(data) AS bytes,
       benchmark.id AS benchmark_id, benchmark_column.id AS column_id
FROM benchmark_column JOIN benchmark ON benchmark.id = benchmark_column.benchmark_id
ORDER BY benchmark.name, benchmark_column.id;
