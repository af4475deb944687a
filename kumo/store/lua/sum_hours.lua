-- Sum up the entries of series by the hour, for some days, and keep the sums.
-- A script, because an entry that arrives between reading and writing would be missed.
--
-- KEYS  families  entries, hours
-- ARGV  expire    how many seconds after its end the sums of a day are kept
--       days[series, day]
--                 days since 1970
-- Returns  how many hours have entries, over all days
-- include: daily_totals
local HOUR_MS, HOURS, DAY_SECONDS = 3600000, 24, 86400

local count = 0
for _, row in ipairs(args.days) do
  local sums, start = {}, row.day * DAY_MS
  local members = redis.call('ZRANGEBYSCORE', keys.entries .. row.series, string.format('%.0f', start),
    string.format('(%.0f', start + DAY_MS), 'WITHSCORES')
  for at = 1, #members, 2 do
    local hour, high, low = math.floor(members[at + 1] / HOUR_MS) % HOURS, billions(string.sub(members[at], 12))
    local sum = sums[hour] or {0, 0, 0}
    sums[hour] = {sum[1] + 1, sum[2] + high, sum[3] + low}
  end
  local key = keys.hours .. row.series .. ':' .. row.day
  redis.call('DEL', key)
  for _, sum in pairs(sums) do
    settle_total(sum)
    count = count + 1
  end
  if next(sums) then add_to_block(key, '', sums) end
  redis.call('EXPIREAT', key, (row.day + 1) * DAY_SECONDS + args.expire)
end
return count
