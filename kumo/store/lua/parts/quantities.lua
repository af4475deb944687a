-- The quantity of an entry: in the second line of its rest, as JSON [millionths, unit]; the unit is left out if it is empty.
-- A unit has a code, which Python derives from its name: the hash `units` has it by JSON of the name.
-- include: daily_totals
local NO_UNIT = '""'

-- Remember the codes of the units that a call names.
local function learn_units(shares, units)
  for _, unit in ipairs(units) do
    redis.call('HSETNX', shares.keys.units, unit.name, unit.code)
    shares.units[unit.name] = tonumber(unit.code)
  end
end

local function code_of(shares, unit)
  shares.units[unit] = shares.units[unit] or tonumber(redis.call('HGET', shares.keys.units, unit) or '0')
  return shares.units[unit]
end

-- Add the quantity in an entry's rest, if there is one, to a total, or take it out (sign -1).
local function add_quantity(shares, total, rest, sign)
  local quantity, unit = string.match(rest, '\n%[(%-?%d+),?([^\n]*)%]')
  if not quantity then return end
  local high, low = billions(quantity)
  local code = code_of(shares, unit == '' and NO_UNIT or unit)
  local numbers = {0, 0, 0, 1, high, low, math.floor(code / BILLION), code % BILLION}
  for at = 4, #numbers do total[at] = (total[at] or 0) + sign * numbers[at] end
end
