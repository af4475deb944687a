-- The order of members with equal scores in a sorted set: Redis orders them by their bytes.

-- Whether a text comes before another, byte by byte: Lua's own < uses the locale of the server.
local function precedes(a, b)
  for i = 1, math.min(#a, #b) do
    local x, y = string.byte(a, i), string.byte(b, i)
    if x ~= y then return x < y end
  end
  return #a < #b
end

-- Return a function that compares two rows of a list by time, then by id; each is {id, time, …}.
local function comparator(newest_first)
  return function(a, b)
    if a[2] ~= b[2] then return (a[2] > b[2]) == newest_first end
    return a[1] ~= b[1] and precedes(a[1], b[1]) ~= newest_first
  end
end

-- Return how many members of a score come before the place of a text. The text is not a
-- member, or is skipped if the list is descending.
local function count_passed(key, score, text, newest_first)
  local first = redis.call('ZCOUNT', key, '-inf', '(' .. score)
  local past = first + redis.call('ZCOUNT', key, score, score)
  local low, high = first, past
  while low < high do
    local middle = math.floor((low + high) / 2)
    if precedes(redis.call('ZRANGE', key, middle, middle)[1], text) then low = middle + 1 else high = middle end
  end
  return newest_first and past - low or low - first
end
