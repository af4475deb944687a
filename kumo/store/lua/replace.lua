-- Make entries of some scopes so, in one partition: record, restate, or remove each; behind the claim of an import.
-- A script, because an entry and its place in its scope's index must never exist without each other, because window,
-- moments, roll-ups and feed must agree at every instant, and because another import may claim the scope meanwhile.
--
-- KEYS[1]  string      seq       KEYS[8]   family  moments:
-- KEYS[2]  stream      pending   KEYS[9]   family  external:
-- KEYS[3]  string      wake      KEYS[10]  family  daily:
-- KEYS[4]  hash        series    KEYS[11]  family  with:
-- KEYS[5]  sorted set  recent    KEYS[12]  hash    scopes
-- KEYS[6]  family      facts:    KEYS[13]  family  scope:
-- KEYS[7]  family      entries:  KEYS[14]  hash    former
-- KEYS[16]  string      closed    KEYS[15]  string  moved
--                                 KEYS[17]  string  retention
-- ARGV[1]  entries in a window
-- ARGV[2]  milliseconds the wake flag lives
-- ARGV[3]  ms before which nothing is alerted any more
-- ARGV[4]  number of the import
-- ARGV[5]  number of scopes, then each scope
-- then number of series S, then S times: id, JSON of the identity (parts/arrivals.lua) or "" where
--          entries are only removed,
--          "x" where detection leaves the series out, else ""
-- then for each entry: place of its scope, place of its series (from 1), timestamp ms,
--          amount in micros, or "" to remove it, JSON of the rest; a day that the retention has reached stays as it is
-- Returns  {"ok", 1 where a judge must be woken else 0, last arrival}
--          {"overtaken", number that holds the claim} and writes nothing, where it is not the caller's
--          the error RESTORING and writes nothing, while a restore fills the store
local WINDOW, WAKE_MS, QUIET, NUMBER = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4]
local SEQ, PENDING, WAKE, SERIES, RECENT = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local FACTS, ENTRIES, MOMENTS, EXTERNAL, DAILY, WITH = KEYS[6], KEYS[7], KEYS[8], KEYS[9], KEYS[10], KEYS[11]
local SCOPES, SCOPE, FORMER, MOVED, CLOSED, RETENTION = KEYS[12], KEYS[13], KEYS[14], KEYS[15], KEYS[16], KEYS[17]
-- include: limbs places facts window daily clock arrivals retention removals

local at = 5
local function taken(width)
  local rows, size = {}, tonumber(ARGV[at])
  for i = 1, size do rows[i] = {unpack(ARGV, at + 1 + (i - 1) * width, at + i * width)} end
  at = at + 1 + size * width
  return rows
end
local scopes, series = taken(1), taken(3)

for _, scope in ipairs(scopes) do
  local holder = redis.call('HGET', SCOPES, scope[1]) or '0'
  if holder ~= NUMBER then return {'overtaken', tonumber(holder)} end
end

-- A place in a scope's index: arrival number, import that wrote it last, import that changed it last; and `more` that a
-- newer version wrote.
local function put(key, field, seq, changer, more)
  redis.call('HSET', key, field, string.format('%d %s %s%s', seq, NUMBER, changer, more))
end

local function make_so(e, key, field, seq, changer, more)
  if not seq then
    add(e)
    return put(key, field, head, NUMBER, '')
  end
  local old, rest = string.match(fact(e.series, seq), '^(%-?%d+) ?(.*)$')
  if old ~= e.amount then
    restate(e, seq, e.timestamp, old, e.rest)
    changer = NUMBER
  elseif rest ~= e.rest then
    restate_rest(e, seq)
  end
  put(key, field, seq, changer, more)
end

local function set_right(row)
  local scope, id, identity, mark = scopes[tonumber(ARGV[row])][1], unpack(series[tonumber(ARGV[row + 1])])
  local e = {series = id, identity = identity, timestamp = ARGV[row + 2], amount = ARGV[row + 3], rest = ARGV[row + 4],
             external = 'bill:' .. scope .. ':' .. ARGV[row + 2], mark = mark == 'x' and ' x' or nil}
  local key, field = SCOPE .. scope, id .. ':' .. e.timestamp
  local seq, _, changer, more = string.match(redis.call('HGET', key, field) or '', '^(%d+) (%d+) (%d+)(.*)$')
  if is_past(e.timestamp) then return end
  if e.amount ~= '' then
    make_so(e, key, field, seq, changer, more)
  elseif seq then
    remove(e, seq)
    redis.call('HDEL', key, field)
  end
end

if not open_feed() then return CLOSED_NOW end
for row = at, #ARGV, 5 do set_right(row) end
local woken = close_feed()
settle_removals()
return {'ok', woken, head}
