-- Return how long the oldest arrival of one partition has waited to be judged.
-- A script, because only the store can compare its times with its own clock.
-- flags: no-writes
--
-- KEYS  stream  pending
-- ARGV  none
-- Returns  ms; false if none waits, or if the oldest is from a version that stored no time
-- include: clock

local first = redis.call('XRANGE', keys.pending, '-', '+', 'COUNT', 1)[1]
local arrived = first and first[2][4]
return arrived and now() - arrived
