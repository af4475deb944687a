-- Say how long each kind of worker has given no sign of life.
-- A script, because only the store can compare what stands in it with its own clock.
-- flags: no-writes
--
-- KEYS  hash  workers
-- ARGV  none
-- Returns  for each kind that ever gave a sign: its name, then ms since the last one
-- include: clock

local at = now()
local silences = redis.call('HGETALL', keys.workers)
for place = 2, #silences, 2 do silences[place] = at - silences[place] end
return silences
