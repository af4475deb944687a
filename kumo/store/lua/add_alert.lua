-- Raise an alert that belongs to no anomaly: a test, or the one about an import. Once: there may be another try.
-- A script, so that it is never listed without being due.
--
-- KEYS  sorted set   alerts
--       set          destinations
--       families     alert, alerts_in, due
-- ARGV  id
--       destination  where it goes
--       body         JSON of the alert
-- Returns  1, or 0 and writes nothing where there is this alert already
-- include: clock alerts

if redis.call('EXISTS', keys.alert .. args.id) == 1 then return 0 end
raise_alert(keys, args.id, args.destination, args.body, now())
return 1
