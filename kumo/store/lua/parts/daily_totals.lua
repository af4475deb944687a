-- Exact daily totals of a series: the number of entries, and their sum as billions of micros and the rest.
-- include: split_amount
local DAY_MS, DAYS, BILLION = 86400000, 256, 1000000000

-- Add `entries` entries and an amount (taken `sign` times, 1 or -1) to the day of a timestamp. `daily` is the family.
local function add_to_day(daily, series, timestamp, entries, amount, sign)
  local day = math.floor(timestamp / DAY_MS)
  local key, field = daily .. series .. ':' .. math.floor(day / DAYS), day % DAYS
  local n, high, low = string.match(redis.call('HGET', key, field) or '0 0 0', '(%S+) (%S+) (%S+)')
  local a, b, c = split_amount(amount)
  -- a*10^12 + b*10^6 + c, regrouped around 10^9
  local b_high = (b - math.fmod(b, 1000)) / 1000
  high = high + sign * (a * 1000 + b_high)
  low = low + sign * ((b - b_high * 1000) * 1000000 + c)
  local carry = (low - math.fmod(low, BILLION)) / BILLION
  if n + entries == 0 then return redis.call('HDEL', key, field) end
  redis.call('HSET', key, field,
    string.format('%d %d %d', n + entries, high + carry, low - carry * BILLION))
end

-- Whether a series has totals of days before a time in ms, the start of a day.
local function has_days_before(daily, series, before)
  for block = 0, math.floor((before / DAY_MS - 1) / DAYS) do
    if redis.call('EXISTS', daily .. series .. ':' .. block) == 1 then return true end
  end
  return false
end
