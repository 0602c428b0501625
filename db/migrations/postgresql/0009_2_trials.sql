-- Version 9: a claim, a finish and a take from the queue are one call each, which is one round trip and one transaction. `again` says that the
-- same call may have been made before on a connection that was lost: what it did then counts.

-- The id of a network by its text; NULL of ''.
CREATE FUNCTION network_of(given text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  found_id bigint;
BEGIN
  IF given = '' THEN
    RETURN NULL;
  END IF;
  SELECT id INTO found_id FROM network WHERE text = given;
  IF found_id IS NULL THEN
    INSERT INTO network (text) VALUES (given) ON CONFLICT DO NOTHING RETURNING id INTO found_id;
  END IF;
  IF found_id IS NULL THEN
    SELECT id INTO found_id FROM network WHERE text = given;
  END IF;
  RETURN found_id;
END
$$;

-- The id of an architecture, which is added when it is new.
CREATE FUNCTION architecture_of(given_space bigint, given_digest text, given_text text,
                                params bigint, macs bigint, now bigint)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  found_id bigint;
BEGIN
  INSERT INTO architecture (space_id, digest, text, published_params, published_macs, created_us)
  VALUES (given_space, given_digest, given_text, params, macs, now)
  ON CONFLICT DO NOTHING RETURNING id INTO found_id;
  IF found_id IS NULL THEN
    SELECT id INTO found_id FROM architecture
    WHERE digest = given_digest AND text = given_text AND space_id = given_space;
  END IF;
  RETURN found_id;
END
$$;

CREATE FUNCTION take_over_text(number bigint, before text, lease_until bigint, worker text,
                               token bigint)
RETURNS text LANGUAGE sql AS $$
  SELECT format(CASE WHEN lease_until = 0
                THEN 'trial %s: was released by ''%s'', taken over by ''%s'' (token %s)'
                ELSE 'trial %s: the lease of ''%s'' has passed, taken over by ''%s'' (token %s)'
                END, number, before, worker, token)
$$;

-- Trial, architecture and token of a claim; no row when the number is taken.
CREATE FUNCTION claim_trial(
  given_study bigint, given_number bigint, given_space bigint, given_digest text, given_text text,
  params bigint, macs bigint, given_network text, given_worker text, lease_us bigint,
  given_searcher text, given_reason text, ask_seconds double precision, given_environment bigint,
  again boolean)
RETURNS TABLE (claimed_trial bigint, claimed_architecture bigint, claimed_token bigint) LANGUAGE plpgsql AS $$
DECLARE
  now bigint := now_us();
  known_state text;
  known_worker text;
  known_lease bigint;
BEGIN
  SELECT id, architecture_id, token, state, worker, lease_until_us
  INTO claimed_trial, claimed_architecture, claimed_token, known_state, known_worker, known_lease
  FROM trial WHERE study_id = given_study AND number = given_number FOR UPDATE;
  IF claimed_trial IS NOT NULL AND (known_state <> 'running' OR known_lease > now) THEN
    IF again AND known_state = 'running' AND known_worker = given_worker THEN
      RETURN NEXT;
    END IF;
    RETURN;
  END IF;
  claimed_architecture := architecture_of(given_space, given_digest, given_text, params, macs, now);
  IF claimed_trial IS NULL THEN
    claimed_token := 1;
    INSERT INTO trial (study_id, number, architecture_id, network_id, state, worker, token,
                       lease_until_us, started_us, environment_id)
    VALUES (given_study, given_number, claimed_architecture, network_of(given_network), 'running',
            given_worker, 1, now + lease_us, now, given_environment)
    ON CONFLICT (study_id, number) DO NOTHING RETURNING id INTO claimed_trial;
    IF claimed_trial IS NULL THEN
      RAISE EXCEPTION 'another worker claims the trial' USING ERRCODE = 'serialization_failure';
    END IF;
  ELSE
    claimed_token := claimed_token + 1;
    UPDATE trial SET architecture_id = claimed_architecture, network_id = network_of(given_network),
                     worker = given_worker, token = claimed_token, lease_until_us = now + lease_us,
                     started_us = now, environment_id = given_environment
    WHERE id = claimed_trial;
    INSERT INTO event (at_us, study_id, trial_id, kind, text)
    VALUES (now, given_study, claimed_trial, 'takeover',
            take_over_text(given_number, known_worker, known_lease, given_worker, claimed_token));
  END IF;
  INSERT INTO proposal (trial_id, token, searcher, reason, seconds)
  VALUES (claimed_trial, claimed_token, given_searcher, given_reason, ask_seconds);
  RETURN NEXT;
END
$$;

-- True when the result was stored. Metrics and points of the curve are arrays, one entry for each.
CREATE FUNCTION finish_trial(
  given_trial bigint, given_token bigint, given_state text, given_seconds double precision,
  given_violation double precision, given_error text, given_source text, again boolean,
  metric_names text[], metric_values double precision[], metric_statuses text[],
  metric_sources text[], fidelities bigint[], devices bigint[], networks text[],
  epochs bigint[], curve_names text[], curve_values double precision[], curve_statuses text[],
  curve_network text)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  known_study bigint;
  known_number bigint;
  known_architecture bigint;
  known_token bigint;
  known_state text;
  known_worker text;
BEGIN
  UPDATE trial SET state = given_state, finished_us = now_us(), seconds = given_seconds,
                   violation = given_violation, error = given_error, reused_from = given_source
  WHERE id = given_trial AND token = given_token AND state = 'running'
  RETURNING study_id, number, architecture_id INTO known_study, known_number, known_architecture;
  IF known_study IS NULL THEN
    SELECT study_id, number, token, state, worker
    INTO known_study, known_number, known_token, known_state, known_worker
    FROM trial WHERE id = given_trial;
    IF again AND known_token = given_token AND known_state = given_state THEN
      RETURN true;
    END IF;
    INSERT INTO event (at_us, study_id, trial_id, kind, text)
    VALUES (now_us(), known_study, CASE WHEN known_study IS NULL THEN NULL ELSE given_trial END,
            'late_finish',
            CASE WHEN known_study IS NULL
            THEN format('a result ''%s'' with token %s was refused: there is no trial with id %s',
                        given_state, given_token, given_trial)
            ELSE format('trial %s: a result ''%s'' with token %s was refused: it is ''%s'' with '
                        'token %s of ''%s''', known_number, given_state, given_token, known_state,
                        known_token, known_worker)
            END);
    RETURN false;
  END IF;
  DELETE FROM queue WHERE study_id = known_study AND number = known_number;
  INSERT INTO metric (architecture_id, trial_id, study_id, trial_number, name, value, status,
                      source, fidelity_id, device_id, network_id, ranked)
  SELECT known_architecture, given_trial, known_study, known_number, name, value, status, source,
         fidelity, device,
         CASE WHEN network = '' THEN NULL ELSE network_of(network) END,
         CASE WHEN given_state = 'complete' AND status = 'finite' THEN 1 ELSE 0 END
  FROM unnest(metric_names, metric_values, metric_statuses, metric_sources, fidelities, devices,
              networks) AS given (name, value, status, source, fidelity, device, network);
  IF cardinality(epochs) > 0 THEN
    INSERT INTO curve (trial_id, position, epoch, name, value, status, network_id)
    SELECT given_trial, position - 1, epoch, name, value, status, shared.network
    FROM (SELECT network_of(curve_network) AS network) AS shared,
         unnest(epochs, curve_names, curve_values, curve_statuses)
           WITH ORDINALITY AS given (epoch, name, value, status, position);
  END IF;
  RETURN true;
END
$$;

-- Puts trials into the queue, one entry of each array for each; numbers that wait already or are finished are left alone.
CREATE FUNCTION enqueue_trials(
  given_study bigint, given_space bigint, given_network text, given_searcher text,
  numbers bigint[], digests text[], texts text[], params bigint[], macs bigint[], epochs bigint[],
  reasons text[], ask_seconds double precision[])
RETURNS void LANGUAGE plpgsql AS $$
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
  WHERE NOT EXISTS (SELECT 1 FROM queue WHERE queue.study_id = given_study
                    AND queue.number = given.number)
    AND NOT EXISTS (SELECT 1 FROM trial WHERE trial.study_id = given_study
                    AND trial.number = given.number AND trial.state <> 'running')
  ON CONFLICT DO NOTHING;
END
$$;

-- Takes up to `most` trials of a study out of its queue, the lowest numbers first: those whose lease has passed, which
-- get a new token, then those that nobody has had. What others are about to take is passed over, not waited for.
CREATE FUNCTION take_trials(
  given_study bigint, given_worker text, lease_us bigint, most bigint, devices text[],
  given_environment bigint)
RETURNS TABLE (taken_trial bigint, taken_architecture bigint, taken_token bigint,
               taken_number bigint, architecture_text text, architecture_digest text,
               taken_epochs bigint, taken_again boolean) LANGUAGE plpgsql AS $$
DECLARE
  now bigint := now_us();
  needed text;
  who_leads text;
  passed record;
BEGIN
  SELECT needs, leader INTO needed, who_leads FROM study_lead WHERE study_id = given_study;
  -- Paused by its leader, who has left.
  IF who_leads = '' THEN
    RETURN;
  END IF;
  IF needed <> '' AND NOT string_to_array(needed, chr(10)) <@ devices THEN
    RETURN;
  END IF;
  FOR passed IN
    SELECT trial.id, trial.number, trial.architecture_id, trial.token, trial.lease_until_us,
           trial.worker, queue.epochs, queue.searcher, queue.reason, queue.ask_seconds
    FROM trial JOIN queue ON queue.study_id = trial.study_id AND queue.number = trial.number
    WHERE trial.study_id = given_study AND trial.state = 'running' AND trial.lease_until_us <= now
    ORDER BY trial.number LIMIT most FOR UPDATE OF trial SKIP LOCKED
  LOOP
    -- It has ended five workers that neither finished nor released it: one more would end as well.
    IF passed.token >= 5 AND passed.token - (SELECT count(*) FROM event WHERE
       event.trial_id = passed.id AND event.kind = 'release') >= 5 THEN
      PERFORM finish_trial(passed.id, passed.token, 'failed', 0, 0,
                           '5 workers ended while they evaluated it', '', false, '{}', '{}', '{}',
                           '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '');
      CONTINUE;
    END IF;
    -- A trial that two have had is taken alone, so that it ends no others of its batch.
    EXIT WHEN passed.token >= 2 AND taken_trial IS NOT NULL;
    taken_trial := passed.id;
    taken_architecture := passed.architecture_id;
    taken_token := passed.token + 1;
    taken_number := passed.number;
    taken_epochs := passed.epochs;
    taken_again := true;
    SELECT text, digest INTO architecture_text, architecture_digest
    FROM architecture WHERE id = passed.architecture_id;
    UPDATE trial SET worker = given_worker, token = taken_token, lease_until_us = now + lease_us,
                     started_us = now, environment_id = given_environment
    WHERE id = passed.id;
    INSERT INTO proposal (trial_id, token, searcher, reason, seconds)
    VALUES (passed.id, taken_token, passed.searcher, passed.reason, passed.ask_seconds);
    INSERT INTO event (at_us, study_id, trial_id, kind, text)
    VALUES (now, given_study, passed.id, 'takeover',
            take_over_text(passed.number, passed.worker, passed.lease_until_us, given_worker,
                           taken_token));
    most := CASE WHEN passed.token >= 2 THEN 0 ELSE most - 1 END;
    RETURN NEXT;
    EXIT WHEN most <= 0;
  END LOOP;
  IF most <= 0 THEN
    RETURN;
  END IF;
  RETURN QUERY
  WITH next AS (
    SELECT queue.* FROM queue
    WHERE queue.study_id = given_study AND queue.taken = 0
      AND NOT EXISTS (SELECT 1 FROM trial WHERE trial.study_id = queue.study_id
                      AND trial.number = queue.number)
    ORDER BY queue.number LIMIT most FOR UPDATE SKIP LOCKED
  ), marked AS (
    UPDATE queue SET taken = 1 FROM next
    WHERE queue.study_id = next.study_id AND queue.number = next.number
  ), started AS (
    INSERT INTO trial (study_id, number, architecture_id, network_id, state, worker, token,
                       lease_until_us, started_us, environment_id)
    SELECT study_id, number, architecture_id, network_id, 'running', given_worker, 1,
           now + lease_us, now, given_environment
    FROM next ON CONFLICT (study_id, number) DO NOTHING
    RETURNING id, number, architecture_id
  ), proposed AS (
    INSERT INTO proposal (trial_id, token, searcher, reason, seconds)
    SELECT started.id, 1, next.searcher, next.reason, next.ask_seconds
    FROM started JOIN next ON next.number = started.number
  )
  SELECT started.id, started.architecture_id, CAST(1 AS bigint), started.number,
         architecture.text, architecture.digest, next.epochs, false
  FROM started JOIN next ON next.number = started.number
  JOIN architecture ON architecture.id = started.architecture_id
  ORDER BY started.number;
END
$$;
