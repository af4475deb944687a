-- Raise an alert that belongs to no anomaly: a test, or the one that tells of an import. Once: there may be another try.
-- A script, so that it is never listed without being due.
--
-- KEYS[1]  hash        the alert
-- KEYS[2]  sorted set  alerts
-- KEYS[3]  sorted set  due
-- ARGV[1]  id
-- ARGV[2]  JSON of the alert
-- Returns  1, or 0 and writes nothing where there is this alert already
-- include: clock

if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
local at = now()
redis.call('HSET', KEYS[1], 'body', ARGV[2], 'state', 'pending', 'attempts', 0, 'created_at', at, 'due_at', at)
redis.call('ZADD', KEYS[2], at, ARGV[1])
redis.call('ZADD', KEYS[3], at, ARGV[1])
return 1
