-- Raise an alert that belongs to no anomaly: a test, or the one that tells of an import. Once: there may be another try.
-- A script, so that it is never listed without being due.
--
-- KEYS[1]  hash        the alert
-- KEYS[2]  sorted set  alerts
-- KEYS[3]  sorted set  due
-- ARGV[1]  id
-- ARGV[2]  now, ms
-- ARGV[3]  JSON of the alert
-- Returns  1, or 0 and writes nothing where there is this alert already
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('HSET', KEYS[1], 'body', ARGV[3], 'state', 'pending', 'attempts', 0, 'due_at', ARGV[2])
redis.call('ZADD', KEYS[2], ARGV[2], ARGV[1])
redis.call('ZADD', KEYS[3], ARGV[2], ARGV[1])
return 1
