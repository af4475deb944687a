-- Read everything of one series as it is at one moment, for an export.
-- A script, because entries, sums, verdicts and what the judge remembers must be of the same moment.
-- flags: no-writes
--
-- KEYS[1]  string      seq         KEYS[12]  hash        open
-- KEYS[2]  string      cursor      KEYS[13]  hash        states
-- KEYS[3]  stream      pending     KEYS[14]  family      anomaly:
-- KEYS[4]  hash        series      KEYS[15]  sorted set  anomalies
-- KEYS[5]  hash        former      KEYS[16]  family      evidence:
-- KEYS[6]  sorted set  recent      KEYS[17]  hash        feedback
-- KEYS[7]  family      entries:    KEYS[18]  family      alert:
-- KEYS[8]  family      facts:      KEYS[19]  sorted set  alerts
-- KEYS[9]  family      verdicts:   KEYS[20]  sorted set  due
-- KEYS[10] family      moments:    KEYS[21]  family      scope:
-- KEYS[11] family      daily:      KEYS[22]  string      moved
-- ARGV[1]  series
-- ARGV[2]  rank of the first entry to read, ARGV[3] rank of the last
-- ARGV[4]  last block of days
-- ARGV[5]  number of the names of states, then each
-- then number of anomalies, then the id of each; then the id of each alert
-- Returns  {"unjudged"} where an arrival of the series waits, or so many of others that this takes long to find out; else
--          {[seq, cursor, number of entries], [identity, former identity, recent, moments, open anomaly], states,
--           days [day, total …], entries [member, timestamp, rest, verdict, place in its scope …],
--           anomalies [id, JSON, score, evidence, feedback …], alerts [id, fields, raised, due …]}
local FACTS, ENTRIES, MOVED, SERIES = KEYS[8], KEYS[7], KEYS[22], ARGV[1]
local MOST_PENDING, DAYS = 1000, 256
-- include: places facts

local seq, cursor = redis.call('GET', KEYS[1]) or '0', redis.call('GET', KEYS[2]) or '0'
if seq ~= cursor then
  local waiting = redis.call('XRANGE', KEYS[3], string.format('%d-0', cursor + 1), '+', 'COUNT', MOST_PENDING)
  if #waiting == MOST_PENDING then return {'unjudged'} end
  for _, arrival in ipairs(waiting) do
    if string.sub(arrival[2][2], 1, #SERIES) == SERIES then return {'unjudged'} end
  end
end

local at = 5
local function taken()
  local values = {}
  for i = 1, tonumber(ARGV[at]) do values[i] = ARGV[at + i] end
  at = at + 1 + #values
  return values
end
local states, anomalies = taken(), taken()

local function days()
  local found = {}
  for block = 0, tonumber(ARGV[4]) do
    local totals = redis.call('HGETALL', KEYS[11] .. SERIES .. ':' .. block)
    for i = 1, #totals, 2 do
      found[#found + 1] = block * DAYS + totals[i]
      found[#found + 1] = totals[i + 1]
    end
  end
  return found
end

-- Where an imported entry stands in the index of its scope.
local function held(rest)
  if not string.find(rest, '"bill:', 1, true) then return false end
  local external = cjson.decode('[' .. kept(rest) .. ']')[1]
  if type(external) == 'table' then external = external.external_id end
  local scope, start = string.match(external or '', '^bill:(%x+):(%d+)$')
  return scope and redis.call('HGET', KEYS[21] .. scope, SERIES .. ':' .. start) or false
end

local function entries()
  local found, rows = {}, redis.call('ZRANGE', ENTRIES .. SERIES, ARGV[2], ARGV[3], 'WITHSCORES')
  for i = 1, #rows, 2 do
    local number, n = tonumber(string.sub(rows[i], 1, 10), 16), #found
    local rest = string.match(fact(SERIES, number) or '', '^%-?%d+ ?(.*)$') or ''
    found[n + 1], found[n + 2], found[n + 3] = rows[i], rows[i + 1], rest
    found[n + 4], found[n + 5] = redis.call('HGET', place(KEYS[9], SERIES, number)), held(rest)
  end
  return found
end

local function episodes()
  local found = {}
  for _, id in ipairs(anomalies) do
    local text, score = redis.call('GET', KEYS[14] .. id), redis.call('ZSCORE', KEYS[15], id)
    local more = {redis.call('GET', KEYS[16] .. id), redis.call('HGET', KEYS[17], id)}
    for _, value in ipairs({id, text, score, more[1], more[2]}) do found[#found + 1] = value end
  end
  return found
end

local function alerts()
  local found = {}
  for i = at, #ARGV do
    local fields, id = redis.call('HGETALL', KEYS[18] .. ARGV[i]), ARGV[i]
    for _, value in ipairs({id, fields, redis.call('ZSCORE', KEYS[19], id), redis.call('ZSCORE', KEYS[20], id)}) do
      found[#found + 1] = value
    end
  end
  return found
end

local kept = {redis.call('HGET', KEYS[4], SERIES), redis.call('HGET', KEYS[5], SERIES),
              redis.call('ZSCORE', KEYS[6], SERIES), redis.call('GET', KEYS[10] .. SERIES),
              redis.call('HGET', KEYS[12], SERIES)}
local known = #states > 0 and redis.call('HMGET', KEYS[13], unpack(states)) or {}
return {{seq, cursor, redis.call('ZCARD', ENTRIES .. SERIES)}, kept, known, days(), entries(), episodes(), alerts()}
