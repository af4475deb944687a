-- Read the totals of things from a day on, and the newest ones before it.
-- A script, because how far back the earlier ones lie is only known by looking: a year for a thing that costs once a week.
-- flags: no-writes
--
-- KEYS  family  daily
-- ARGV  last_block  of days, in which the newest totals may be
--       wanted[id, from, earlier, first]
--                   series or group, first day wanted, how many earlier totals, a day before which it has none
-- Returns  for each thing a list: day, total, day, total, … in no order; a total is text as in parts/daily_totals.lua; there
--          may be more earlier ones than asked for
local DAYS = 256

local function read(thing, from, earlier, first)
  local found, block = {}, tonumber(args.last_block)
  while block >= math.floor(first / DAYS) and (block * DAYS + DAYS > from or earlier > 0) do
    local fields = redis.call('HGETALL', keys.daily .. thing .. ':' .. block)
    for at = 1, #fields, 2 do
      local place = tonumber(fields[at]) -- those that are no usage have an x before
      if place then
        local day = block * DAYS + place
        if day < from then earlier = earlier - 1 end
        found[#found + 1] = day
        found[#found + 1] = fields[at + 1]
      end
    end
    block = block - 1
  end
  return found
end

local answers = {}
for i, one in ipairs(args.wanted) do
  answers[i] = read(one.id, tonumber(one.from), tonumber(one.earlier), tonumber(one.first))
end
return answers
