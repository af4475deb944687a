-- Find the times of entries of one partition: the time of an entry is only in its series' sorted set, under its amount.
-- A script, because a restatement between two reads would change the amount, and the entry would seem missing.
-- flags: no-writes
--
-- KEYS  string    moved
--       families  entries, details
-- ARGV  wanted[series, seq]
--                 the series and the number of each entry
-- Returns  for each entry: its timestamp in ms as text, false if there is no such entry
-- include: blocks details

local details, times = open_details(keys, open_blocks(keys.moved)), {}
for i, entry in ipairs(args.wanted) do times[i] = time_of(details, entry.series, entry.seq) end
return times
