-- Version 5: the digest of an architecture counts an attribute of an operation by its name, and only where it differs
-- from its default, so that an operation can grow without changing any digest. Those of earlier versions counted all of
-- them by their place and are computed anew. That takes the program's spaces: searchlight_digest gives NULL where it
-- lacks one. Such a row keeps its digest, which equals none of today's: nothing is reused from it.

-- The settings of its space that an architecture was built with stand in the text of every network that it was judged
-- as. Rows of one architecture agree in them, or had equal digests.
CREATE TABLE old_settings (architecture_id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;
INSERT INTO old_settings
SELECT architecture_id,
       max(iif(instr(network.text, '; space.') = 0, '',
               substr(network.text, instr(network.text, '; space.'))))
FROM (SELECT architecture_id, network_id FROM trial
      UNION SELECT architecture_id, network_id FROM metric
      UNION SELECT architecture_id, network_id FROM model) AS used
JOIN network ON network.id = used.network_id
GROUP BY architecture_id;

-- Until version 5, one space had such settings; where it is not known which, the digest stays. It also stays where two
-- rows of one text would become equal.
UPDATE OR IGNORE architecture
SET digest = ifnull((
  SELECT searchlight_digest(
    space.name, space.version,
    ifnull(old_settings.text, iif(space.name = 'ofa_mobilenetv3', NULL, '')), architecture.text)
  FROM space LEFT JOIN old_settings ON old_settings.architecture_id = architecture.id
  WHERE space.id = architecture.space_id), digest);

DROP TABLE old_settings;
