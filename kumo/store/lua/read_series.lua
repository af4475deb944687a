-- Read everything of one series at one moment, for an export.
-- A script, because entries, sums, verdicts and states must be of the same moment.
-- flags: no-writes
--
-- KEYS  strings      seq, cursor, moved
--       stream       pending
--       hashes       series, former, open, states, feedback
--       sorted sets  recent, anomalies, alerts
--       families     entries, details, verdicts, moments, daily, anomaly, evidence, alert, due, scope
-- ARGV  series
--       first        rank of the first entry to read
--       last         rank of the last
--       last_block   of days
--       states[]     the names of states
--       anomalies[]  ids
--       alerts[]     ids
-- Returns  {"unjudged"} if an arrival of the series is pending, or if too many are pending to find out; else
--          {[seq, cursor, number of entries], [identity, former identity, recent, moments, open anomaly], states,
--           days [day, total …], entries [member, timestamp, rest, verdict, place in its scope …],
--           anomalies [id, JSON, score, evidence, feedback …], alerts [id, fields, raised, due …]}
-- include: blocks details
local MOST_PENDING, DAYS = 1000, 256
local series = args.series

local seq, cursor = redis.call('GET', keys.seq) or '0', redis.call('GET', keys.cursor) or '0'
if seq ~= cursor then
  local waiting = redis.call('XRANGE', keys.pending, string.format('%d-0', cursor + 1), '+', 'COUNT', MOST_PENDING)
  if #waiting == MOST_PENDING then return {'unjudged'} end
  for _, arrival in ipairs(waiting) do
    if string.sub(arrival[2][2], 1, #series) == series then return {'unjudged'} end
  end
end

local blocks = open_blocks(keys.moved)
local details = open_details(keys, blocks)

-- The combined totals of a group follow from those of its series.
local function days()
  local found = {}
  local is_series = redis.call('HEXISTS', keys.series, series) + redis.call('HEXISTS', keys.former, series) > 0
  if not is_series then return found end
  for block = 0, tonumber(args.last_block) do
    local totals = redis.call('HGETALL', keys.daily .. series .. ':' .. block)
    for i = 1, #totals, 2 do
      found[#found + 1] = block * DAYS + totals[i]
      found[#found + 1] = totals[i + 1]
    end
  end
  return found
end

-- The place of an imported entry in the index of its scope.
local function held(rest)
  if not string.find(rest, '"bill:', 1, true) then return false end
  local _, scope, start = external_id_of(rest)
  return scope and redis.call('HGET', keys.scope .. scope, series .. ':' .. start) or false
end

local function entries()
  local found, rows = {}, redis.call('ZRANGE', keys.entries .. series, args.first, args.last, 'WITHSCORES')
  for i = 1, #rows, 2 do
    local number, n = tonumber(string.sub(rows[i], 1, 10), 16), #found
    local _, rest = split_details(read_details(details, series, number) or '')
    rest = rest or ''
    found[n + 1], found[n + 2], found[n + 3] = rows[i], rows[i + 1], rest
    found[n + 4], found[n + 5] = redis.call('HGET', place(blocks, keys.verdicts, series, number)), held(rest)
  end
  return found
end

local function episodes()
  local found = {}
  for _, id in ipairs(args.anomalies) do
    local text, score = redis.call('GET', keys.anomaly .. id), redis.call('ZSCORE', keys.anomalies, id)
    local more = {redis.call('GET', keys.evidence .. id), redis.call('HGET', keys.feedback, id)}
    for _, value in ipairs({id, text, score, more[1], more[2]}) do found[#found + 1] = value end
  end
  return found
end

local function alerts()
  local found = {}
  for _, id in ipairs(args.alerts) do
    local fields, raised = redis.call('HGETALL', keys.alert .. id), redis.call('ZSCORE', keys.alerts, id)
    local due = keys.due .. (redis.call('HGET', keys.alert .. id, 'destination') or '')
    for _, value in ipairs({id, fields, raised, redis.call('ZSCORE', due, id)}) do found[#found + 1] = value end
  end
  return found
end

local kept = {redis.call('HGET', keys.series, series), redis.call('HGET', keys.former, series),
              redis.call('ZSCORE', keys.recent, series), redis.call('GET', keys.moments .. series),
              redis.call('HGET', keys.open, series)}
local known = #args.states > 0 and redis.call('HMGET', keys.states, unpack(args.states)) or {}
return {{seq, cursor, redis.call('ZCARD', keys.entries .. series)}, kept, known, days(), entries(), episodes(), alerts()}
