-- Find out when the first alert of one partition is due. None waits longer than any is ever made to: one that would is
-- due now, since the clock has stepped back after it was put off.
-- A script, because only the store can compare what stands in it with its own clock.
--
-- KEYS  sorted set  due
--       family      alert
-- ARGV  longest_ms  that an alert is put off
--       most        alerts to call in
-- Returns  in how many ms the first is due, 0 or less where it is; false where none waits
-- include: clock

local at = now()
local too_late = '(' .. at + args.longest_ms
for _, id in ipairs(redis.call('ZRANGEBYSCORE', keys.due, too_late, '+inf', 'LIMIT', 0, args.most)) do
  redis.call('HSET', keys.alert .. id, 'due_at', at)
  redis.call('ZADD', keys.due, at, id)
end
local first = redis.call('ZRANGE', keys.due, 0, 0, 'WITHSCORES')
return first[2] and first[2] - at
