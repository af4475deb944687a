-- Count the alerts of one partition by status, with the age of the oldest in each.
-- A script, because between two commands an alert could change its status.
-- flags: no-writes
--
-- KEYS  family    alerts_in
-- ARGV  statuses[]
-- Returns  for each status: how many, ms since the oldest was raised, 0 if there is none
-- include: clock

local at, counts = now(), {}
for _, status in ipairs(args.statuses) do
  local key = keys.alerts_in .. status
  local oldest = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')[2]
  counts[#counts + 1] = redis.call('ZCARD', key)
  counts[#counts + 1] = oldest and at - oldest or 0
end
return counts
