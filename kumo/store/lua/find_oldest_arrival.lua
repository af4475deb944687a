-- Say how long the first arrival of one partition has waited to be judged.
-- A script, because only the store can compare what stands in it with its own clock.
-- flags: no-writes
--
-- KEYS  stream  pending
-- ARGV  none
-- Returns  ms; false where none waits, or where one does that a version wrote which kept no time
-- include: clock

local first = redis.call('XRANGE', keys.pending, '-', '+', 'COUNT', 1)[1]
local arrived = first and first[2][4]
return arrived and now() - arrived
