-- Return the time since the last heartbeat of each kind of worker.
-- A script, because only the store can compare its times with its own clock.
-- flags: no-writes
--
-- KEYS  hash  workers
-- ARGV  none
-- Returns  for each kind with a heartbeat: its name, then ms since the last one
-- include: clock

local at = now()
local silences = redis.call('HGETALL', keys.workers)
for place = 2, #silences, 2 do silences[place] = at - silences[place] end
return silences
