-- Version 8: a claim and a finish are one call each, which is one round trip and one transaction. `again` says that the
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

-- Trial, architecture and token of a claim; no row when the number is taken.
CREATE FUNCTION claim_trial(
  given_study bigint, given_number bigint, given_space bigint, given_digest text, given_text text,
  params bigint, macs bigint, given_network text, given_worker text, lease_us bigint,
  given_searcher text, given_reason text, ask_seconds double precision, again boolean)
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
                       lease_until_us, started_us)
    VALUES (given_study, given_number, claimed_architecture, network_of(given_network), 'running',
            given_worker, 1, now + lease_us, now)
    ON CONFLICT (study_id, number) DO NOTHING RETURNING id INTO claimed_trial;
    IF claimed_trial IS NULL THEN
      RAISE EXCEPTION 'another worker claims the trial' USING ERRCODE = 'serialization_failure';
    END IF;
  ELSE
    claimed_token := claimed_token + 1;
    UPDATE trial SET architecture_id = claimed_architecture, network_id = network_of(given_network),
                     worker = given_worker, token = claimed_token, lease_until_us = now + lease_us,
                     started_us = now
    WHERE id = claimed_trial;
    INSERT INTO event (at_us, study_id, trial_id, kind, text)
    VALUES (now, given_study, claimed_trial, 'takeover',
            format('trial %s: the lease of ''%s'' has passed, taken over by ''%s'' (token %s)',
                   given_number, known_worker, given_worker, claimed_token));
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
  INSERT INTO metric (architecture_id, trial_id, study_id, trial_number, name, value, status,
                      source, fidelity_id, device_id, network_id, ranked)
  SELECT known_architecture, given_trial, known_study, known_number, name, value, status, source,
         fidelity, device, network_of(network),
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
