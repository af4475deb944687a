-- Find the series of a partition whose next entries come first in the list of costs, from after a place.
-- A script, because a list of many series would need one request for each, and because a series that moves to the front
-- between two reads would be missed.
-- flags: no-writes
--
-- KEYS  sorted set  index    series, by a time that is not before any of their wanted entries
--       family      entries
--       sets        with[]   only series that are in all of them
-- ARGV  command     "ZREVRANGEBYSCORE" for the newest first, or "ZRANGEBYSCORE"
--       low         first wanted time, ms, not before the place if the oldest come first
--       high        last wanted time, ms, not after the place if the newest come first
--       most        series
--       time        of the place, ms, or "" for the start of the list
--       series      its series
--       text        its place among that series' entries of that time, as in read_after.lua
-- Returns  for each series, in order: its id, time and member of its next entry, the time of the entry after that or ""
-- include: list_order
local LOW, HIGH, MOST, STEP = tonumber(args.low), tonumber(args.high), tonumber(args.most), 256
local newest_first = args.command == 'ZREVRANGEBYSCORE'
-- where to begin and to end in each series
local near, far = args.low, args.high
if newest_first then near, far = far, near end
local begins_at_place = tonumber(near) == tonumber(args.time)

-- Return the next entries of a series, at most so many.
local function read_next(series, most)
  local begin, offset, key = near, 0, keys.entries .. series
  if begins_at_place then
    if series == args.series then
      offset = count_passed(key, begin, args.text, newest_first)
    elseif precedes(series, args.series) ~= newest_first then
      begin = '(' .. begin
    end
  end
  return redis.call(args.command, key, begin, far, 'WITHSCORES', 'LIMIT', offset, most)
end

local leads, found, last = comparator(newest_first), {}, nil
-- Keep the first rows. Later series are asked only for entries that are not after the last of these.
local function cut()
  table.sort(found, leads)
  for at = #found, MOST + 1, -1 do found[at] = nil end
  last = found[MOST]
  if last then far = string.format('%.0f', last[2]) end
end

-- Check a series; returns false once no later one can be among the first.
local function consider(series, newest)
  newest = tonumber(newest)
  if newest < LOW then return not newest_first end
  if newest_first and last and leads(last, {series, newest}) then return false end
  local member, time = unpack(read_next(series, 1))
  local entry = member and {series, tonumber(time)}
  -- sorted once there are enough, and again after as many new ones that come before the last of them
  if entry and not (last and leads(last, entry)) then
    found[#found + 1] = entry
    if #found == (last and 2 * MOST or MOST) then cut() end
  end
  return true
end

-- Check series in the order of the list, so that series with one time need no sorting.
local function consider_those_in_sets()
  local asked = {#keys.with + 1, keys.index, unpack(keys.with)}
  for _, word in ipairs({'AGGREGATE', 'MAX', 'WITHSCORES'}) do asked[#asked + 1] = word end
  local rows = redis.call('ZINTER', unpack(asked))
  local first, past, step = 1, #rows - 1, 2
  if newest_first then first, past, step = past, first, -step end
  for at = first, past, step do
    if not consider(rows[at], rows[at + 1]) then return end
  end
end

local function consider_all()
  local command = newest_first and 'ZREVRANGE' or 'ZRANGE'
  for from = 0, redis.call('ZCARD', keys.index), STEP do
    local rows = redis.call(command, keys.index, from, from + STEP - 1, 'WITHSCORES')
    for at = 1, #rows, 2 do
      if not consider(rows[at], rows[at + 1]) then return end
    end
  end
end

if keys.with[1] then consider_those_in_sets() else consider_all() end
cut()
far = newest_first and args.low or args.high
local answer = {}
for _, entry in ipairs(found) do
  local member, time, _, following = unpack(read_next(entry[1], 2))
  for _, value in ipairs({entry[1], tonumber(time), member, following or ''}) do answer[#answer + 1] = value end
end
return answer
