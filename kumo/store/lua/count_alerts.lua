-- Count the alerts of one partition by state, and say how long ago the oldest in each was raised.
-- flags: no-writes
-- A script, because between two commands an alert could change its state.
--
-- KEYS[1]  sorted set  alerts   KEYS[2]  sorted set  due   KEYS[3]  family  alerts:
-- ARGV[1]  how many of the states are those of alerts still to be told
-- then each state, those first
-- Returns  1 where this comes to as many as there are, 0 where a version was here that does not keep alerts by state;
--          then for each state: how many, ms since the oldest was raised, 0 where there is none
local STATES = KEYS[3]
-- include: clock

local at, due, all, counts = now(), 0, 0, {}
for place = 2, #ARGV do
  local count = redis.call('ZCARD', STATES .. ARGV[place])
  local oldest = redis.call('ZRANGE', STATES .. ARGV[place], 0, 0, 'WITHSCORES')[2]
  all = all + count
  if place <= ARGV[1] + 1 then due = due + count end
  counts[#counts + 1] = count
  counts[#counts + 1] = oldest and at - oldest or 0
end
local whole = due == redis.call('ZCARD', KEYS[2]) and all == redis.call('ZCARD', KEYS[1])
table.insert(counts, 1, whole and 1 or 0)
return counts
