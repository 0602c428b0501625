-- Version 11: the token of a take is its moment. A crash of the server may lose a tail of what happened, and an id may then be given a second
-- time; a moment is not, so whoever had the lost trial can do nothing to another one. How many have had a trial is the number of its
-- proposals. Values come with their intervals.

-- These functions plan statements that join a few given rows with large tables. They plan once for each connection, perhaps
-- while the tables are still small, so they may use indexes only. And a trial of a given number is looked for by a subquery that gives a
-- value: NOT EXISTS becomes a join, which on a small table reads all trials of the study.
DROP FUNCTION finish_trials;
DROP FUNCTION take_trials;

-- The places (from 1) of results that were refused. Results, metrics and points of curves are arrays, one entry for each; the last
-- two say by place whose they are.
CREATE FUNCTION finish_trials(
  relaxed boolean, again boolean, trials bigint[], tokens bigint[], states text[],
  took double precision[], violations double precision[], errors text[],
  origins text[], curve_networks text[], metric_places bigint[], metric_names text[], metric_values double precision[],
  metric_statuses text[], metric_sources text[], fidelities bigint[], devices bigint[],
  networks text[], lows double precision[], highs double precision[], point_places bigint[], epochs bigint[], point_names text[],
  point_values double precision[], point_statuses text[])
RETURNS SETOF bigint LANGUAGE plpgsql
SET plan_cache_mode TO force_generic_plan SET enable_seqscan TO off SET enable_bitmapscan TO off
SET enable_hashjoin TO off SET enable_mergejoin TO off AS $$
DECLARE
  now bigint := now_us();
  kept bigint[];
  known record;
BEGIN
  IF relaxed THEN
    PERFORM set_config('synchronous_commit', 'off', true);
  END IF;
  WITH done AS (
    UPDATE trial SET state = given.state, finished_us = now, seconds = given.seconds,
                     violation = given.violation, error = given.error, reused_from = given.origin
    FROM unnest(trials, tokens, states, took, violations, errors, origins)
           WITH ORDINALITY AS given (id, token, state, seconds, violation, error, origin, place)
    WHERE trial.id = given.id AND trial.token = given.token AND trial.finished_us IS NULL
    RETURNING given.place, trial.id, trial.study_id, trial.number, trial.architecture_id,
              given.state
  ), gone AS (
    DELETE FROM queue USING done
    WHERE queue.study_id = done.study_id AND queue.number = done.number
  ), measured AS (
    INSERT INTO metric (architecture_id, trial_id, study_id, trial_number, name, value, status,
                        source, fidelity_id, device_id, network_id, ranked, low, high)
    SELECT done.architecture_id, done.id, done.study_id, done.number, given.name, given.value,
           given.status, given.source, given.fidelity, given.device,
           CASE WHEN given.network <> '' THEN
             coalesce((SELECT network.id FROM network WHERE network.text = given.network),
                      network_of(given.network)) END,
           CASE WHEN done.state = 'complete' AND given.status = 'finite' THEN 1 ELSE 0 END,
           given.low, given.high
    FROM unnest(metric_places, metric_names, metric_values, metric_statuses, metric_sources,
                fidelities, devices, networks, lows, highs)
           WITH ORDINALITY AS given (place, name, value, status, source, fidelity, device, network,
                                     low, high, position)
    JOIN done ON done.place = given.place
    ORDER BY given.position
  ), drawing AS MATERIALIZED (
    SELECT done.id, done.place, network_of(curve_networks[done.place]) AS network
    FROM done WHERE cardinality(epochs) > 0
  ), drawn AS (
    INSERT INTO curve (trial_id, position, epoch, name, value, status, network_id)
    SELECT drawing.id, row_number() OVER (PARTITION BY drawing.id ORDER BY given.position) - 1,
           given.epoch, given.name, given.value, given.status, drawing.network
    FROM unnest(point_places, epochs, point_names, point_values, point_statuses)
           WITH ORDINALITY AS given (place, epoch, name, value, status, position)
    JOIN drawing ON drawing.place = given.place
  )
  SELECT array_agg(done.place) INTO kept FROM done;
  IF cardinality(kept) = cardinality(trials) THEN
    RETURN;
  END IF;
  FOR place IN 1 .. cardinality(trials) LOOP
    CONTINUE WHEN place = ANY (kept);
    SELECT trial.study_id, trial.number, trial.token, trial.state, trial.worker
    INTO known FROM trial WHERE trial.id = trials[place];
    CONTINUE WHEN again AND known.token = tokens[place] AND known.state = states[place];
    INSERT INTO event (at_us, study_id, trial_id, kind, text)
    VALUES (now, known.study_id, CASE WHEN known.study_id IS NULL THEN NULL ELSE trials[place] END,
            'late_finish',
            CASE WHEN known.study_id IS NULL
            THEN format('a result ''%s'' with token %s was refused: there is no trial with id %s',
                        states[place], tokens[place], trials[place])
            ELSE format('trial %s: a result ''%s'' with token %s was refused: it is ''%s'' with '
                        'token %s of ''%s''', known.number, states[place], tokens[place],
                        known.state, known.token, known.worker)
            END);
    RETURN NEXT place;
  END LOOP;
END
$$;

-- Puts trials into the queue, one entry of each array for each; numbers that wait already or are finished are left alone.
CREATE OR REPLACE FUNCTION enqueue_trials(
  given_study bigint, given_space bigint, given_network text, given_searcher text,
  numbers bigint[], digests text[], texts text[], params bigint[], macs bigint[], epochs bigint[],
  reasons text[], ask_seconds double precision[])
RETURNS void LANGUAGE plpgsql
SET plan_cache_mode TO force_generic_plan SET enable_seqscan TO off SET enable_bitmapscan TO off
AS $$
DECLARE
  now bigint := now_us();
  network bigint := network_of(given_network);
BEGIN
  INSERT INTO queue (study_id, number, architecture_id, network_id, epochs, searcher, reason,
                     ask_seconds, queued_us, taken)
  SELECT given_study, given.number,
         architecture_of(given_space, given.digest, given.text, given.params, given.macs, now),
         network, given.epochs, given_searcher, given.reason, given.seconds, now, 0
  FROM unnest(numbers, digests, texts, params, macs, epochs, reasons, ask_seconds)
         AS given (number, digest, text, params, macs, epochs, reason, seconds)
  WHERE (SELECT queue.number FROM queue WHERE queue.study_id = given_study
         AND queue.number = given.number) IS NULL
    AND coalesce((SELECT trial.state FROM trial WHERE trial.study_id = given_study
                  AND trial.number = given.number), 'running') = 'running'
  ON CONFLICT DO NOTHING;
END
$$;

-- Takes up to `most` trials of a study out of its queue, the lowest numbers first: those whose lease has passed, which
-- get a new token, then those that nobody has had. What others are about to take is passed over, not waited for. `relaxed` is the
-- value that the results of the same transaction have; a take alone is relaxed.
-- What has left the queue stays in its indexes until they are vacuumed, in front of what waits. So a caller says what it saw:
-- `lowest`, the lowest number that it took last (lower ones are looked at only when nothing else waits), and `looked_us`, when it
-- last looked for passed leases (it looks ten times a second). A caller that gets nothing asks again with zeros.
CREATE FUNCTION take_trials(
  relaxed boolean, given_study bigint, given_worker text, lease_us bigint, most bigint,
  devices text[], given_environment bigint, lowest bigint, looked_us bigint)
RETURNS TABLE (taken_trial bigint, taken_architecture bigint, taken_token bigint,
               taken_number bigint, architecture_text text, architecture_digest text,
               taken_epochs bigint, taken_again boolean, taken_us bigint) LANGUAGE plpgsql
SET plan_cache_mode TO force_generic_plan SET enable_seqscan TO off SET enable_bitmapscan TO off
SET enable_hashjoin TO off SET enable_mergejoin TO off AS $$
DECLARE
  now bigint := now_us();
  needed text;
  who_leads text;
  passed record;
  below bigint := 9223372036854775807;
  got bigint;
BEGIN
  IF relaxed THEN
    PERFORM set_config('synchronous_commit', 'off', true);
  END IF;
  SELECT study_lead.needs, study_lead.leader INTO needed, who_leads
  FROM study_lead WHERE study_lead.study_id = given_study;
  -- Paused by its leader, who has left.
  IF who_leads = '' THEN
    RETURN;
  END IF;
  IF needed <> '' AND NOT string_to_array(needed, chr(10)) <@ devices THEN
    RETURN;
  END IF;
  taken_us := now;
  IF now - looked_us >= 100000 AND EXISTS (
       SELECT 1 FROM trial WHERE trial.study_id = given_study AND trial.state = 'running'
       AND trial.lease_until_us <= now) THEN
    FOR passed IN
      SELECT trial.id, trial.number, trial.architecture_id, trial.token, trial.lease_until_us,
             trial.worker, queue.epochs, queue.searcher, queue.reason, queue.ask_seconds,
             (SELECT count(*) FROM proposal WHERE proposal.trial_id = trial.id) AS holders
      FROM trial JOIN queue ON queue.study_id = trial.study_id AND queue.number = trial.number
      WHERE trial.study_id = given_study AND trial.state = 'running'
        AND trial.lease_until_us <= now
      ORDER BY trial.number LIMIT most FOR UPDATE OF trial SKIP LOCKED
    LOOP
      -- It has ended five workers that neither finished nor released it: one more would end as well.
      IF passed.holders >= 5 AND passed.holders - (SELECT count(*) FROM event WHERE
         event.trial_id = passed.id AND event.kind = 'release') >= 5 THEN
        UPDATE trial SET state = 'failed', finished_us = now, seconds = 0, violation = 0,
                         error = '5 workers ended while they evaluated it'
        WHERE trial.id = passed.id;
        DELETE FROM queue WHERE queue.study_id = given_study AND queue.number = passed.number;
        CONTINUE;
      END IF;
      -- A trial that two have had is taken alone, so that it ends no others of its batch.
      EXIT WHEN passed.holders >= 2 AND taken_trial IS NOT NULL;
      taken_trial := passed.id;
      taken_architecture := passed.architecture_id;
      taken_token := greatest(passed.token + 1, now);
      taken_number := passed.number;
      taken_epochs := passed.epochs;
      taken_again := true;
      SELECT architecture.text, architecture.digest INTO architecture_text, architecture_digest
      FROM architecture WHERE architecture.id = passed.architecture_id;
      UPDATE trial SET worker = given_worker, token = taken_token, lease_until_us = now + lease_us,
                       started_us = now, environment_id = given_environment
      WHERE trial.id = passed.id;
      INSERT INTO proposal (trial_id, token, searcher, reason, seconds)
      VALUES (passed.id, taken_token, passed.searcher, passed.reason, passed.ask_seconds);
      INSERT INTO event (at_us, study_id, trial_id, kind, text)
      VALUES (now, given_study, passed.id, 'takeover',
              take_over_text(passed.number, passed.worker, passed.lease_until_us, given_worker,
                             taken_token));
      most := CASE WHEN passed.holders >= 2 THEN 0 ELSE most - 1 END;
      RETURN NEXT;
      EXIT WHEN most <= 0;
    END LOOP;
  END IF;
  WHILE most > 0 AND below > 0 LOOP
    RETURN QUERY
    WITH next AS (
      SELECT queue.number, queue.architecture_id, queue.network_id, queue.epochs, queue.searcher,
             queue.reason, queue.ask_seconds
      FROM queue
      WHERE queue.study_id = given_study AND queue.taken = 0
        AND queue.number >= lowest AND queue.number < below
        AND (SELECT trial.id FROM trial WHERE trial.study_id = given_study
             AND trial.number = queue.number) IS NULL
      ORDER BY queue.number LIMIT most FOR UPDATE SKIP LOCKED
    ), marked AS (
      UPDATE queue SET taken = 1 FROM next
      WHERE queue.study_id = given_study AND queue.number = next.number
    ), started AS (
      INSERT INTO trial (study_id, number, architecture_id, network_id, state, worker, token,
                         lease_until_us, started_us, environment_id)
      SELECT given_study, next.number, next.architecture_id, next.network_id, 'running',
             given_worker, now, now + lease_us, now, given_environment
      FROM next ON CONFLICT (study_id, number) DO NOTHING
      RETURNING trial.id, trial.number, trial.architecture_id
    ), proposed AS (
      INSERT INTO proposal (trial_id, token, searcher, reason, seconds)
      SELECT started.id, now, next.searcher, next.reason, next.ask_seconds
      FROM started JOIN next ON next.number = started.number
    )
    SELECT started.id, started.architecture_id, now, started.number,
           architecture.text, architecture.digest, next.epochs, false, now
    FROM started JOIN next ON next.number = started.number
    JOIN architecture ON architecture.id = started.architecture_id
    ORDER BY started.number;
    GET DIAGNOSTICS got = ROW_COUNT;
    most := most - got;
    below := lowest;
    lowest := 0;
  END LOOP;
END
$$;
