-- Raise an alert without an anomaly, a test or the one about an import, exactly once: the caller may try again.
-- A script, because it must be listed and due at the same time.
--
-- KEYS  sorted set   alerts
--       set          destinations
--       families     alert, alerts_in, due
-- ARGV  id
--       destination  name
--       body         JSON of the alert
-- Returns  1; or 0, without any write, if the alert already exists
-- include: clock alerts

if redis.call('EXISTS', keys.alert .. args.id) == 1 then return 0 end
raise_alert(keys, args.id, args.destination, args.body, now())
return 1
