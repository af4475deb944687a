-- Find the entries of one partition that wait to be judged and come first in the list of costs, from after a place in it.
-- A script, because the feed is in the order of arrival: all of it has to be looked at, and little is wanted.
-- flags: no-writes
--
-- KEYS[1]  stream  pending
-- ARGV[1]  "ZREVRANGEBYSCORE" for the newest first, or "ZRANGEBYSCORE"
-- ARGV[2]  first time wanted, ms
-- ARGV[3]  last time wanted, ms
-- ARGV[4]  most entries
-- ARGV[5]  time of the place, ms, or "" where the list begins
-- ARGV[6]  id of the entry that is there
-- Returns  per entry, the first one first: its id, its time
local newest_first = ARGV[1] == 'ZREVRANGEBYSCORE'
local LOW, HIGH, MOST, STEP = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), 1000
-- include: ties

local leads = order(newest_first)
local after = ARGV[5] ~= '' and {ARGV[6], tonumber(ARGV[5])}
local found, known, last = {}, {}, nil
local function cut()
  table.sort(found, leads)
  for at = #found, MOST + 1, -1 do found[at] = nil end
  last = found[MOST]
end

-- An entry that was restated meanwhile waits more than once.
local function consider(series, seq, timestamp)
  local row = {string.format('%s-%010x', series, seq), tonumber(timestamp)}
  if row[2] < LOW or row[2] > HIGH or known[row[1]] then return end
  if after and not leads(after, row) or last and not leads(row, last) then return end
  known[row[1]] = true
  found[#found + 1] = row
  if #found == 2 * MOST then cut() end
end

-- Most arrive in the order of time: looked at in the order of the list, few have to be sorted.
local command, from, past, rows = 'XRANGE', '-', '+', nil
if newest_first then command, from, past = 'XREVRANGE', past, from end
repeat
  rows = redis.call(command, KEYS[1], from, past, 'COUNT', STEP)
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
