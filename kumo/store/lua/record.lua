-- Record a run of entries of one partition: everything about them at once, or nothing.
-- A script, because the window, its moments, the roll-ups and the feed must agree at every instant,
-- and because a request that is sent again must find its own answer.
--
-- KEYS[1]  string      seq       KEYS[7]   family  entries:
-- KEYS[2]  stream      pending   KEYS[8]   family  moments:
-- KEYS[3]  string      wake      KEYS[9]   family  external:
-- KEYS[4]  hash        series    KEYS[10]  family  daily:
-- KEYS[5]  sorted set  recent    KEYS[11]  family  with:
-- KEYS[6]  family      facts:    KEYS[12]  string  moved
--                                KEYS[13]  string  closed
--                                KEYS[14]  string  retention
--                                KEYS[15]  string  once, left out where there is no Idempotency-Key
-- ARGV[1]  entries in a window
-- ARGV[2]  milliseconds the wake flag lives
-- ARGV[3]  seconds the answer is kept under `once`
-- ARGV[4]  ms before which nothing is alerted any more
-- ARGV[5]  number of series S, then S times: id, JSON of the identity (parts/arrivals.lua),
--          "x" where detection leaves the series out, else ""
-- then for each entry: place of its series (1 to S), timestamp ms, "1" if the sender gave it,
--          amount in micros, external id or "", JSON of the rest or ""
-- Returns  {"ok", 1 where a judge must be woken else 0, per entry "<new|restated|duplicate> <seq> <timestamp> <arrival>"}
--          (an answer's arrival: once the cursor has reached it, the entry is judged; to a single entry whose series
--          is spelled in another way, the JSON of that follows)
--          {"conflict", place of the entry (from 0), timestamp stored} and writes nothing, where an external id
--          is known with another timestamp
--          {"past", place of the entry, watermark in ms} and writes nothing, where an entry that is not known is of a day
--          that the retention has reached
--          the error RESTORING and writes nothing, while a restore fills the store
local WINDOW, WAKE_MS, QUIET = ARGV[1], ARGV[2], tonumber(ARGV[4])
local SEQ, PENDING, WAKE, SERIES, RECENT = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local FACTS, ENTRIES, MOMENTS, EXTERNAL, DAILY, WITH = KEYS[6], KEYS[7], KEYS[8], KEYS[9], KEYS[10], KEYS[11]
local MOVED, CLOSED, RETENTION, ONCE = KEYS[12], KEYS[13], KEYS[14], KEYS[15]
local SERIES_ARGS, ENTRY_ARGS, FIRST = 3, 6, 5
-- include: limbs places facts window daily clock arrivals retention

if ONCE then
  local answer = redis.call('GET', ONCE)
  if answer then return {'ok', 0, unpack(cjson.decode(answer))} end
end

local entries, known = {}, {}
local start = FIRST + ARGV[FIRST] * SERIES_ARGS
for at = start, #ARGV - 1, ENTRY_ARGS do
  local place = FIRST + (ARGV[at + 1] - 1) * SERIES_ARGS
  local e = {series = ARGV[place + 1], identity = ARGV[place + 2], timestamp = ARGV[at + 2],
             amount = ARGV[at + 4], external = ARGV[at + 5], rest = ARGV[at + 6],
             mark = ARGV[place + 3] == 'x' and ' x' or nil}
  local seq = e.external ~= '' and redis.call('HGET', EXTERNAL .. e.series, e.external)
  if not seq and is_past(e.timestamp) then return {'past', #entries, string.format('%.0f', watermark)} end
  if e.external ~= '' then
    local name = e.series .. e.external
    local stamp = known[name] or (seq and time_of(e.series, seq))
    if stamp and ARGV[at + 3] == '1' and stamp ~= e.timestamp then return {'conflict', #entries, stamp} end
    known[name] = stamp or e.timestamp
  end
  entries[#entries + 1] = e
end

local answers = {}
if not open_feed() then return CLOSED_NOW end

local function known_again(e, seq)
  local old, rest = string.match(fact(e.series, seq), '^(%-?%d+) ?(.*)$')
  local timestamp = time_of(e.series, seq)
  if old == e.amount then return string.format('duplicate %s %s %d', seq, timestamp, head) end
  restate(e, seq, timestamp, old, kept(rest) .. (string.match(e.rest, '\n.*$') or ''))
  return string.format('restated %s %s %d', seq, timestamp, head)
end

local function new(e)
  add(e)
  local first = #entries == 1 and redis.call('HGET', SERIES, e.series) or e.identity
  return string.format('new %d %s %d%s', head, e.timestamp, head, first == e.identity and '' or ' ' .. first)
end

for i, e in ipairs(entries) do
  local seq = e.external ~= '' and redis.call('HGET', EXTERNAL .. e.series, e.external)
  answers[i] = seq and known_again(e, seq) or new(e)
end

local woken = close_feed()
if ONCE then redis.call('SET', ONCE, cjson.encode(answers), 'EX', ARGV[3]) end
return {'ok', woken, unpack(answers)}
