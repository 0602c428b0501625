-- Version 8: devices as records. What `settings` says has columns of its own, and a device may have its name from
-- somebody who added it (`added_us`): then it is the only one of this name that was added. `settings` stays what tells
-- devices of one name apart.

ALTER TABLE device ADD COLUMN machine TEXT NOT NULL DEFAULT '';
ALTER TABLE device ADD COLUMN runtime TEXT NOT NULL DEFAULT '';
ALTER TABLE device ADD COLUMN batch INTEGER CHECK (batch >= 1);
ALTER TABLE device ADD COLUMN threads INTEGER CHECK (threads >= 1);
ALTER TABLE device ADD COLUMN precision TEXT NOT NULL DEFAULT '';
ALTER TABLE device ADD COLUMN added_us INTEGER;
CREATE UNIQUE INDEX device_added ON device (name) WHERE added_us IS NOT NULL;

-- Settings of earlier versions name neither machine nor runtime. A cast takes the digits before the next comma.
UPDATE device SET batch = CAST(substr(settings, instr(',' || settings, ',batch=') + 6) AS INTEGER)
WHERE ',' || settings GLOB '*,batch=[1-9]*';
UPDATE device SET threads = CAST(substr(settings, instr(',' || settings, ',threads=') + 8) AS INTEGER)
WHERE ',' || settings GLOB '*,threads=[1-9]*';
UPDATE device SET precision =
  substr(settings, instr(',' || settings, ',precision=') + 10,
         instr(substr(settings || ',', instr(',' || settings, ',precision=') + 10), ',') - 1)
WHERE instr(',' || settings, ',precision=') > 0;

-- Every finite latency with the network that it was measured of, whatever its origin.
DROP VIEW latency;
CREATE VIEW latency AS
SELECT device.name AS device, device.kind AS kind, device.settings AS settings,
       device.machine AS machine, device.runtime AS runtime, device.batch AS batch,
       device.threads AS threads, device.precision AS precision,
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
