-- Raise an alert that belongs to no anomaly: a test, or the one that tells of an import. Once: there may be another try.
-- A script, so that it is never listed without being due.
--
-- KEYS[1]  family      alert:   KEYS[3]  sorted set  due
-- KEYS[2]  sorted set  alerts   KEYS[4]  family      alerts:
-- ARGV[1]  id
-- ARGV[2]  JSON of the alert
-- Returns  1, or 0 and writes nothing where there is this alert already
local ALERT, ALERTS, STATES = KEYS[1], KEYS[2], KEYS[4]
-- include: clock alert_states

if redis.call('EXISTS', ALERT .. ARGV[1]) == 1 then return 0 end
local at = now()
redis.call('HSET', ALERT .. ARGV[1], 'body', ARGV[2], 'attempts', 0, 'created_at', at, 'due_at', at)
redis.call('ZADD', ALERTS, at, ARGV[1])
enter_state(ARGV[1], 'pending')
redis.call('ZADD', KEYS[3], at, ARGV[1])
return 1
