-- Find the pending entries of one partition that come first in the list of costs, from after a place.
-- A script, because the feed is in order of arrival: the script reads all of it and returns little.
-- flags: no-writes
--
-- KEYS  stream   pending
-- ARGV  command  "ZREVRANGEBYSCORE" for the newest first, or "ZRANGEBYSCORE"
--       low      first wanted time, ms
--       high     last wanted time, ms
--       most     entries
--       time     of the place, ms, or "" for the start of the list
--       id       of the entry at the place
-- Returns  for each entry, in order: its id, its time
-- include: list_order
local LOW, HIGH, MOST, STEP = tonumber(args.low), tonumber(args.high), tonumber(args.most), 1000
local newest_first = args.command == 'ZREVRANGEBYSCORE'

local leads = comparator(newest_first)
local after = args.time ~= '' and {args.id, tonumber(args.time)}
local found, known, last = {}, {}, nil
local function cut()
  table.sort(found, leads)
  for at = #found, MOST + 1, -1 do found[at] = nil end
  last = found[MOST]
end

-- An entry that was restated meanwhile is in the feed more than once.
local function consider(series, seq, timestamp)
  local row = {string.format('%s-%010x', series, seq), tonumber(timestamp)}
  if row[2] < LOW or row[2] > HIGH or known[row[1]] then return end
  if after and not leads(after, row) or last and not leads(row, last) then return end
  known[row[1]] = true
  found[#found + 1] = row
  if #found == 2 * MOST then cut() end
end

-- Most entries arrive in order of time: if they are read in the order of the list, few must be sorted.
local command, from, past, rows = 'XRANGE', '-', '+', nil
if newest_first then command, from, past = 'XREVRANGE', past, from end
repeat
  rows = redis.call(command, keys.pending, from, past, 'COUNT', STEP)
  for _, arrival in ipairs(rows) do consider(string.match(arrival[2][2], '^(%S+) (%d+) (%d+)')) end
  from = #rows > 0 and '(' .. rows[#rows][1]
until #rows < STEP
cut()
local answer = {}
for _, row in ipairs(found) do
  answer[#answer + 1] = row[1]
  answer[#answer + 1] = string.format('%.0f', row[2])
end
return answer
