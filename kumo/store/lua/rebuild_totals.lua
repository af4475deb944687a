-- Compute the totals of days of series again from their entries, and correct those that differ.
-- A script, because no entry may come between its reading and the correction.
--
-- KEYS  strings   retention, moved
--       hash      units
--       families  entries, details, daily
-- ARGV  spans[series, first, last]
--               series with the days since 1970, both included, that are computed; days before the retention's watermark
--               keep their totals, because they may have lost entries
-- Returns  for each wrong total: series, day, total before, total now; a total is text as in parts/daily_totals.lua, "" if
--          there is none
-- include: quantities details

local since, found = tonumber(redis.call('GET', keys.retention) or '0') / DAY_MS, {}
local details, quantities = open_details(keys, open_blocks(keys.moved)), {keys = keys, units = {}}

-- Return the totals of the entries of a series in a span, by day.
local function sum_entries(series, first, last)
  local sums = {}
  local rows = redis.call('ZRANGEBYSCORE', keys.entries .. series, first * DAY_MS, (last + 1) * DAY_MS - 1, 'WITHSCORES')
  for at = 1, #rows, 2 do
    local high, low = billions(string.sub(rows[at], 12))
    local total = {1, high, low}
    local _, rest = split_details(read_details(details, series, tonumber(string.sub(rows[at], 1, 10), 16)) or '0')
    add_quantity(quantities, total, rest or '', 1)
    add_total(total_of(sums, math.floor(rows[at + 1] / DAY_MS)), total)
  end
  return sums
end

local function read_stored(series, first, last)
  local stored = {}
  for block = math.floor(first / DAYS), math.floor(last / DAYS) do
    local fields = redis.call('HGETALL', keys.daily .. series .. ':' .. block)
    for at = 1, #fields, 2 do
      local day = block * DAYS + fields[at]
      if day >= first and day <= last then stored[day] = fields[at + 1] end
    end
  end
  return stored
end

local function correct(series, day, before, sum)
  local change = {0, 0, 0}
  add_total(change, sum)
  if before then
    local stored = read_total(before)
    for at = 1, #stored do stored[at] = -stored[at] end
    add_total(change, stored)
  end
  if not settle_total(change) then return end
  write_days(keys.daily, series, {[day] = sum})
  for _, each in ipairs({series, day, before or '', sum[1] == 0 and '' or write_total(sum)}) do found[#found + 1] = each end
end

for _, span in ipairs(args.spans) do
  local first, last = math.max(since, span.first), tonumber(span.last)
  if first <= last then
    local sums, stored = sum_entries(span.series, first, last), read_stored(span.series, first, last)
    for day in pairs(stored) do total_of(sums, day) end
    for day, sum in pairs(sums) do correct(span.series, day, stored[day], sum) end
  end
end
return found
