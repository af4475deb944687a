-- Find when entries of one partition are: the time of an entry stands only in its series' sorted set, under its amount.
-- A script, because a restatement between two reads would change the amount, and the entry seem gone.
-- flags: no-writes
--
-- KEYS[1]  family  entries:
-- KEYS[2]  family  facts:
-- KEYS[3]  string  moved
-- ARGV     for each entry: its series, its number
-- Returns  for each entry: its timestamp in ms as text, false where there is no such entry
local ENTRIES, FACTS, MOVED = KEYS[1], KEYS[2], KEYS[3]
-- include: places facts

local times = {}
for at = 1, #ARGV, 2 do times[#times + 1] = time_of(ARGV[at], ARGV[at + 1]) end
return times
