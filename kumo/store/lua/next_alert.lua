-- Find when the first alert of one partition is due, for each destination. An alert that waits longer than alerts are
-- ever deferred becomes due now, because the clock has stepped back.
-- A script, because only the store can compare its times with its own clock.
--
-- KEYS  set         destinations
--       families    alert, due
-- ARGV  longest_ms  for which an alert is deferred
--       most        alerts to make due for each destination
-- Returns  for each destination with unsent alerts: its name, and in how many ms the first is due, 0 or less if it is
-- include: clock

local at, found = now(), {}
local too_late = '(' .. at + args.longest_ms
for _, destination in ipairs(redis.call('SMEMBERS', keys.destinations)) do
  local due = keys.due .. destination
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', due, too_late, '+inf', 'LIMIT', 0, args.most)) do
    redis.call('HSET', keys.alert .. id, 'due_at', at)
    redis.call('ZADD', due, at, id)
  end
  found[#found + 1] = destination
  found[#found + 1] = redis.call('ZRANGE', due, 0, 0, 'WITHSCORES')[2] - at
end
return found
