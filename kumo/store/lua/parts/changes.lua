-- Hints for those who combine the shares of a group: which days have changed (kumo.store.changes). They wait in the partition
-- where the change was, ordered by the home of the group, which is the partition of its id.
-- Days for which a hint names the day; before them it names the block.
local HINTED_DAYS = 7
-- Words of hints in one command: Lua unpacks some thousands at most.
local MOST_HINTS = 4000
-- Scores of one home: 42 bits, of which a number of an arrival takes 40.
local HINTS_OF_HOME = 4398046511104

-- Return what the functions here need; `today` is a day since 1970.
local function open_changes(today) return {since = today - HINTED_DAYS, of_group = {}} end

-- Note days of a group, by block.
local function note_changes(changes, id, blocks)
  for block, days in pairs(blocks) do
    local names = changes.of_group[id] or {}
    changes.of_group[id] = names
    for day in pairs(days) do names[day >= changes.since and day or 'b' .. block] = true end
  end
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

-- A number for hints that no arrival gives one: the clock's, which comes again after 25 days. Arrivals have lower numbers.
local function number_by_clock()
  local time = redis.call('TIME')
  return HINTS_OF_HOME / 2 + (time[1] % 2199023 * 1000000 + time[2]) % (HINTS_OF_HOME / 2)
end

-- Write the hints into the sorted set `key`: by home, and in it by `number`, which no earlier hint of the same name has.
local function leave_hints(changes, key, partitions, number)
  local hints = {}
  for id, names in pairs(changes.of_group) do
    local score = string.format('%.0f', home_of(id, partitions) * HINTS_OF_HOME + number)
    for name in pairs(names) do
      hints[#hints + 1] = score
      hints[#hints + 1] = id .. ':' .. name
    end
  end
  for at = 1, #hints, MOST_HINTS do
    redis.call('ZADD', key, unpack(hints, at, math.min(at + MOST_HINTS - 1, #hints)))
  end
end
