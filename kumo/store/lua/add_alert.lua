-- Raise an alert that belongs to no anomaly: a test, or the one that tells of an import. Once: there may be another try.
-- A script, so that it is never listed without being due.
--
-- KEYS  sorted sets  alerts, due
--       families     alert, alerts_in
-- ARGV  id
--       body         JSON of the alert
-- Returns  1, or 0 and writes nothing where there is this alert already
-- include: clock alert_states

local key = keys.alert .. args.id
if redis.call('EXISTS', key) == 1 then return 0 end
local at = now()
redis.call('HSET', key, 'body', args.body, 'attempts', 0, 'created_at', at, 'due_at', at)
redis.call('ZADD', keys.alerts, at, args.id)
enter_state(keys, args.id, 'pending')
redis.call('ZADD', keys.due, at, args.id)
return 1
