-- Record a run of entries of one partition: everything about them at once, or nothing.
-- A script, because the window, its moments, the roll-ups and the feed must agree at every instant,
-- and because a request that is sent again must find its own answer.
--
-- KEYS[1]  string      seq       KEYS[7]   family  entries:
-- KEYS[2]  stream      pending   KEYS[8]   family  moments:
-- KEYS[3]  string      wake      KEYS[9]   family  external:
-- KEYS[4]  hash        series    KEYS[10]  family  daily:
-- KEYS[5]  sorted set  recent    KEYS[11]  family  with:
-- KEYS[6]  family      facts:    KEYS[12]  string  once, left out where there is no Idempotency-Key
-- ARGV[1]  entries in a window
-- ARGV[2]  milliseconds the wake flag lives
-- ARGV[3]  seconds the answer is kept under `once`
-- ARGV[4]  number of series S, then S times: id, JSON [provider, account, region, service, currency]
-- then for each entry: place of its series (1 to S), timestamp ms, "1" if the sender gave it,
--          amount in micros, external id or "", JSON of the rest or ""
-- Returns  {"ok", 1 where a judge must be woken else 0, per entry "<new|restated|duplicate> <seq> <timestamp> <arrival>"}
--          (an answer's arrival: once the cursor has reached it, the entry is judged)
--          {"conflict", place of the entry (from 0), timestamp stored} and writes nothing, where an external id
--          is known with another timestamp
local WINDOW = ARGV[1]
local ENTRIES, MOMENTS, FACTS, DAILY = KEYS[7], KEYS[8], KEYS[6], KEYS[10]
local INDEXED = {'provider', 'account', 'region', 'service', 'currency'}
local SERIES_ARGS, ENTRY_ARGS, FIRST = 2, 6, 4
-- include: limbs facts window daily

if KEYS[12] then
  local answer = redis.call('GET', KEYS[12])
  if answer then return {'ok', 0, unpack(cjson.decode(answer))} end
end

local entries, known = {}, {}
local start = FIRST + ARGV[FIRST] * SERIES_ARGS
for at = start, #ARGV - 1, ENTRY_ARGS do
  local place = FIRST + (ARGV[at + 1] - 1) * SERIES_ARGS
  local e = {series = ARGV[place + 1], identity = ARGV[place + 2], timestamp = ARGV[at + 2],
             amount = ARGV[at + 4], external = ARGV[at + 5], rest = ARGV[at + 6]}
  if e.external ~= '' then
    local name = e.series .. e.external
    local seq = redis.call('HGET', KEYS[9] .. e.series, e.external)
    local stamp = known[name] or (seq and time_of(e.series, seq))
    if stamp and ARGV[at + 3] == '1' and stamp ~= e.timestamp then return {'conflict', #entries, stamp} end
    known[name] = stamp or e.timestamp
  end
  entries[#entries + 1] = e
end

local head = tonumber(redis.call('GET', KEYS[1]) or '0')
local first, newest, answers = head, {}, {}

local function feed(e, entry_seq, timestamp, baseline)
  redis.call('XADD', KEYS[2], string.format('%d-0', head), 'r',
    string.format('%s %d %s %s %s', e.series, entry_seq, timestamp, e.amount, baseline))
end

local function index(e)
  if redis.call('HSETNX', KEYS[4], e.series, e.identity) == 0 then return end
  for i, value in ipairs(cjson.decode(e.identity)) do
    redis.call('SADD', KEYS[11] .. INDEXED[i] .. ':' .. value, e.series)
  end
end

local function add(e)
  local w = window(e.series)
  if w.entries == 0 then index(e) end
  head = head + 1
  feed(e, head, e.timestamp, snapshot(w))
  set_fact(head, e.amount, e.rest)
  enter(w, e.timestamp, member(head, e.amount))
  roll_up(e.series, e.timestamp, 1, e.amount, 1)
  if e.external ~= '' then redis.call('HSET', KEYS[9] .. e.series, e.external, string.format('%d', head)) end
  newest[e.series] = math.max(newest[e.series] or 0, e.timestamp)
  return string.format('new %d %s %d', head, e.timestamp, head)
end

-- Give a known entry another amount, everywhere; the judge reads it again, against the window without it.
local function restate(e, seq)
  local old, rest = string.match(fact(seq), '^(%-?%d+) ?(.*)$')
  local timestamp = time_of(e.series, seq)
  if old == e.amount then return string.format('duplicate %s %s %d', seq, timestamp, head) end
  local w = window(e.series)
  local within = inside(w, member(seq, old))
  if within then weigh(w, old, -1) end
  head = head + 1
  feed(e, seq, timestamp, snapshot(w))
  set_fact(seq, e.amount, rest)
  redis.call('ZREM', w.key, member(seq, old))
  redis.call('ZADD', w.key, timestamp, member(seq, e.amount))
  if within then weigh(w, e.amount, 1) end
  roll_up(e.series, timestamp, -1, old, -1)
  roll_up(e.series, timestamp, 1, e.amount, 1)
  return string.format('restated %s %s %d', seq, timestamp, head)
end

for i, e in ipairs(entries) do
  local seq = e.external ~= '' and redis.call('HGET', KEYS[9] .. e.series, e.external)
  answers[i] = seq and restate(e, seq) or add(e)
end

store_windows()
for series, timestamp in pairs(newest) do redis.call('ZADD', KEYS[5], 'GT', timestamp, series) end
if KEYS[12] then redis.call('SET', KEYS[12], cjson.encode(answers), 'EX', ARGV[3]) end
local woken = 0
if head > first then
  redis.call('SET', KEYS[1], string.format('%d', head))
  if redis.call('SET', KEYS[3], '1', 'NX', 'PX', ARGV[2]) then woken = 1 end
end
return {'ok', woken, unpack(answers)}
