-- Hints for those who combine the shares of a group: which days have changed (kumo.store.changes). They wait in the partition
-- where the change was, in a set for the group's home, which is the partition of its id.
-- Days for which a hint names the day; before them it names the block.
local HINTED_DAYS = 7
-- Words of hints in one command: Lua unpacks some thousands at most.
local MOST_HINTS = 4000

-- Return what the functions here need; `today` is a day since 1970.
local function open_changes(today) return {since = today - HINTED_DAYS, of_group = {}} end

local function note_change(changes, id, day, block)
  local names = changes.of_group[id] or {}
  changes.of_group[id] = names
  names[day >= changes.since and day or 'b' .. block] = true
end

-- The number of a group's home: the leading 32 bits of its id, modulo the number of partitions.
local function home_of(id, partitions)
  local bits = 0
  for at = 1, 7 do
    local letter = string.byte(id, at)
    bits = bits * 32 + letter - (letter >= 97 and 97 or 24)
  end
  return math.floor(bits / 8) % partitions
end

-- Write the hints; `changed` is the family of their sets. `score` is a number that no earlier hint of the same name has.
local function leave_hints(changes, changed, partitions, score)
  local by_home = {}
  for id, names in pairs(changes.of_group) do
    local home = home_of(id, partitions)
    local hints = by_home[home] or {}
    by_home[home] = hints
    for name in pairs(names) do
      hints[#hints + 1] = score
      hints[#hints + 1] = id .. ':' .. name
    end
  end
  for home, hints in pairs(by_home) do
    for at = 1, #hints, MOST_HINTS do
      redis.call('ZADD', changed .. home, unpack(hints, at, math.min(at + MOST_HINTS - 1, #hints)))
    end
  end
end
