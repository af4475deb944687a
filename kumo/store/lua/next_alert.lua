-- Find out when the first alert of one partition is due. None waits longer than any is ever made to: one that would is
-- due now, since the clock has stepped back after it was put off.
-- A script, because only the store can compare what stands in it with its own clock.
--
-- KEYS[1]  sorted set  due
-- KEYS[2]  family      alert:
-- ARGV[1]  ms that an alert is put off at most
-- ARGV[2]  most alerts to call in
-- Returns  in how many ms the first is due, 0 or less where it is; false where none waits
-- include: clock

local at = now()
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. at + ARGV[1], '+inf', 'LIMIT', 0, ARGV[2])) do
  redis.call('HSET', KEYS[2] .. id, 'due_at', at)
  redis.call('ZADD', KEYS[1], at, id)
end
local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
return first[2] and first[2] - at
