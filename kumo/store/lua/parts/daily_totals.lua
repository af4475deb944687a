-- Exact totals of days: the number of entries, and their sum as billions of micros and the rest. Behind these, if entries have
-- a quantity: how many, the sum of the quantities in millionths, and that of the codes of their units, each sum as two numbers.
-- include: split_amount
local DAY_MS, DAYS, BILLION = 86400000, 256, 1000000000

-- Split an amount into billions of micros and the rest, both with its sign.
local function billions(amount)
  local a, b, c = split_amount(amount)
  -- a*10^12 + b*10^6 + c, regrouped around 10^9
  local b_high = (b - math.fmod(b, 1000)) / 1000
  return a * 1000 + b_high, (b - b_high * 1000) * 1000000 + c
end

-- Return the total of a day, a new one if there is none yet.
local function total_of(days, day)
  local total = days[day]
  if not total then
    total = {0, 0, 0}
    days[day] = total
  end
  return total
end

-- Add another total to a total.
local function add_total(total, other)
  total[1], total[2], total[3] = total[1] + other[1], total[2] + other[2], total[3] + other[3]
  for at = 4, #other do total[at] = (total[at] or 0) + other[at] end
end

local function carry(total, at)
  local over = (total[at] - math.fmod(total[at], BILLION)) / BILLION
  total[at - 1], total[at] = total[at - 1] + over, total[at] - over * BILLION
end

-- Carry the rests of all sums over; returns whether the total is more than nothing.
local function settle_total(total)
  carry(total, 3)
  if total[1] ~= 0 or total[2] ~= 0 or total[3] ~= 0 then
    if not total[4] then return true end
  elseif not total[4] then
    return false
  end
  carry(total, 6)
  carry(total, 8)
  for _, number in ipairs(total) do
    if number ~= 0 then return true end
  end
  return false
end

local function read_total(text)
  local n, high, low, more = string.match(text, '^(%S+) (%S+) (%S+)(.*)$')
  local total = {tonumber(n), tonumber(high), tonumber(low)}
  for number in string.gmatch(more, '%S+') do total[#total + 1] = tonumber(number) end
  return total
end

local function write_total(total)
  local text = string.format('%d %d %d', total[1], total[2], total[3])
  if (total[4] or 0) == 0 then return text end
  return text .. string.format(' %d %d %d %d %d', unpack(total, 4, 8))
end

-- Write totals at fields of one hash; a total of no entries goes.
local function write_fields(key, totals)
  local kept, gone = {}, {}
  for field, total in pairs(totals) do
    if total[1] == 0 then
      gone[#gone + 1] = field
    else
      kept[#kept + 1], kept[#kept + 2] = field, write_total(total)
    end
  end
  if #kept > 0 then redis.call('HSET', key, unpack(kept)) end
  if #gone > 0 then redis.call('HDEL', key, unpack(gone)) end
end

-- Add to the days of one hash.
local function add_to_block(key, mark, days)
  local fields, changes, totals = {}, {}, {}
  for day, change in pairs(days) do
    fields[#fields + 1], changes[#changes + 1] = mark .. day % DAYS, change
  end
  for i, text in ipairs(redis.call('HMGET', key, unpack(fields))) do
    local total = changes[i]
    if text then
      total = read_total(text)
      add_total(total, changes[i])
      settle_total(total)
    end
    totals[fields[i]] = total
  end
  write_fields(key, totals)
end

-- Add totals of days to those of a series or a group in a family, `mark` before the fields; returns, by block, the days that
-- change by more than nothing.
local function add_to_days(family, id, mark, days)
  local blocks = {}
  for day, change in pairs(days) do
    if settle_total(change) then
      local block = math.floor(day / DAYS)
      blocks[block] = blocks[block] or {}
      blocks[block][day] = change
    end
  end
  for block, some in pairs(blocks) do add_to_block(family .. id .. ':' .. block, mark, some) end
  return blocks
end

-- Write whole totals of days of a series.
local function write_days(daily, series, days)
  local blocks = {}
  for day, total in pairs(days) do
    settle_total(total)
    local block = math.floor(day / DAYS)
    blocks[block] = blocks[block] or {}
    blocks[block][day % DAYS] = total
  end
  for block, totals in pairs(blocks) do write_fields(daily .. series .. ':' .. block, totals) end
end

-- Return the stored total of a day of a series.
local function read_day(daily, series, day)
  local text = redis.call('HGET', daily .. series .. ':' .. math.floor(day / DAYS), day % DAYS)
  return text and read_total(text) or {0, 0, 0}
end

-- Whether a series has totals of days before a time in ms, the start of a day.
local function has_days_before(daily, series, before)
  for block = 0, math.floor((before / DAY_MS - 1) / DAYS) do
    if redis.call('EXISTS', daily .. series .. ':' .. block) == 1 then return true end
  end
  return false
end
