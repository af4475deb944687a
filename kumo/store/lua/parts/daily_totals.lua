-- Exact totals of days: the number of entries, and their sum as billions of micros and the rest.
-- include: split_amount
local DAY_MS, DAYS, BILLION = 86400000, 256, 1000000000

-- Split an amount into billions of micros and the rest, both with its sign.
local function billions(amount)
  local a, b, c = split_amount(amount)
  -- a*10^12 + b*10^6 + c, regrouped around 10^9
  local b_high = (b - math.fmod(b, 1000)) / 1000
  return a * 1000 + b_high, (b - b_high * 1000) * 1000000 + c
end

-- Add entries and an amount to the total at a place; a total of no entries goes. Returns how many entries it has then.
local function add_to_total(key, field, entries, high, low)
  local n, old_high, old_low = string.match(redis.call('HGET', key, field) or '0 0 0', '(%S+) (%S+) (%S+)')
  if n + entries == 0 then
    redis.call('HDEL', key, field)
    return 0
  end
  high, low = old_high + high, old_low + low
  local carry = (low - math.fmod(low, BILLION)) / BILLION
  redis.call('HSET', key, field, string.format('%d %d %d', n + entries, high + carry, low - carry * BILLION))
  return n + entries
end

-- Add `entries` entries and an amount (taken `sign` times, 1 or -1) to the day of a timestamp. `daily` is the family.
-- Returns how many entries the day has then.
local function add_to_day(daily, series, timestamp, entries, amount, sign)
  local day = math.floor(timestamp / DAY_MS)
  local high, low = billions(amount)
  return add_to_total(daily .. series .. ':' .. math.floor(day / DAYS), day % DAYS, entries, sign * high, sign * low)
end

-- Whether a series has totals of days before a time in ms, the start of a day.
local function has_days_before(daily, series, before)
  for block = 0, math.floor((before / DAY_MS - 1) / DAYS) do
    if redis.call('EXISTS', daily .. series .. ':' .. block) == 1 then return true end
  end
  return false
end
