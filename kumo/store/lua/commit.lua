-- Store the verdicts of one slice of a partition and advance its cursor, with the anomalies and alerts they bring.
-- A script, because two workers may judge the same slice at once, and because neither an anomaly nor its alert may
-- exist without the other.
--
-- KEYS[1]  string      cursor      KEYS[6]  sorted set  anomalies
-- KEYS[2]  stream      pending     KEYS[7]  family      alert:
-- KEYS[3]  family      verdicts:   KEYS[8]  sorted set  alerts
-- KEYS[4]  hash        open        KEYS[9]  sorted set  due
-- KEYS[5]  family      anomaly:    KEYS[10] hash        states
-- KEYS[12] string      moved       KEYS[11] family      evidence:
-- KEYS[13] family      alerts:     KEYS[14] family      entries:
-- KEYS[15] family      newest:     KEYS[16] family      judged:
-- KEYS[17] family      anomalies:  KEYS[18] family      facts:
-- ARGV[1]  cursor the caller started from
-- ARGV[2]  last arrival judged, the new cursor
-- ARGV[3]  JSON {verdicts: number of arguments that follow for verdicts,
--                open: {series: anomaly id or ""}, anomalies: [[id, JSON, opened at ms, phase]],
--                alerts: [[id, kind, anomaly id, number, JSON]], evidence: [[anomaly id, JSON]]}
-- then per verdict: series, number of the entry, its timestamp ms, packed verdict, or "" where the entry was removed
-- then per state that changed: name, packed state, or "" where it is to go
-- Returns  -1 and writes nothing where the cursor has moved, or where the last arrival is not there any more: a Redis
--          that lost its last second would else count as judged what is yet to come; else how many alerts are due
local CANCELLED, MOVED = 'cancelled', KEYS[12]
local ALERT, ALERTS, STATES = KEYS[7], KEYS[8], KEYS[13]
local ENTRIES, NEWEST, JUDGED, PHASES = KEYS[14], KEYS[15], KEYS[16], {'open', 'closed', 'withdrawn'}
-- include: places clock alert_states statuses

if (redis.call('GET', KEYS[1]) or '0') ~= ARGV[1] then return -1 end
if #redis.call('XRANGE', KEYS[2], ARGV[2] .. '-0', ARGV[2] .. '-0') == 0 then return -1 end
local slice = cjson.decode(ARGV[3])

-- Follow an entry that was judged before; returns its verdict, which is none where the retention has taken it out meanwhile.
local function judge_again(series, seq, timestamp, key, field, packed)
  if redis.call('HEXISTS', place(KEYS[18], series, seq)) == 0 then packed = '' end
  change_status(series, seq, timestamp, redis.call('HGET', key, field), packed)
  return packed
end

local cursor, left = tonumber(ARGV[1]), {}
for at = 4, 3 + slice.verdicts, 4 do
  local series, seq, timestamp, packed = ARGV[at], tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2]), ARGV[at + 3]
  local key, field = place(KEYS[3], series, seq)
  if seq > cursor then
    enter_status(status_of(packed), series, seq, timestamp)
  else
    packed = judge_again(series, seq, timestamp, key, field, packed)
  end
  if packed == '' then
    redis.call('HDEL', key, field)
    left[series] = true
  else
    redis.call('HSET', key, field, packed)
  end
end
store_newest()
for series in pairs(left) do leave_series(series) end
for at = 4 + slice.verdicts, #ARGV - 1, 2 do
  local name, packed = ARGV[at], ARGV[at + 1]
  if packed == '' then redis.call('HDEL', KEYS[10], name) else redis.call('HSET', KEYS[10], name, packed) end
end
for _, e in ipairs(slice.evidence) do redis.call('SET', KEYS[11] .. e[1], e[2]) end
for series, anomaly in pairs(slice.open) do
  if anomaly == '' then redis.call('HDEL', KEYS[4], series) else redis.call('HSET', KEYS[4], series, anomaly) end
end
for _, a in ipairs(slice.anomalies) do
  redis.call('SET', KEYS[5] .. a[1], a[2])
  redis.call('ZADD', KEYS[6], a[3], a[1])
  for _, phase in ipairs(PHASES) do
    redis.call(unpack(phase == a[4] and {'ZADD', KEYS[17] .. phase, a[3], a[1]} or {'ZREM', KEYS[17] .. phase, a[1]}))
  end
end

-- An anomaly that nobody was told of is withdrawn in silence: its waiting alerts are cancelled.
local function told_of(anomaly, before)
  local told = false
  for number = 1, before - 1 do
    local id = anomaly .. '-' .. number
    local state, attempts = unpack(redis.call('HMGET', ALERT .. id, 'state', 'attempts'))
    if (state == 'pending' or state == 'no destination') and attempts == '0' then
      enter_state(id, CANCELLED)
      redis.call('HSET', ALERT .. id, 'due_at', 0)
      redis.call('ZREM', KEYS[9], id)
    elseif state and state ~= CANCELLED then
      told = true
    end
  end
  return told
end

local due, at = 0, now()
for _, alert in ipairs(slice.alerts) do
  local id, kind, anomaly, number, body = unpack(alert)
  if kind ~= 'withdrawn' or told_of(anomaly, number) then
    redis.call('HSET', ALERT .. id, 'body', body, 'attempts', 0, 'created_at', at, 'due_at', at)
    redis.call('ZADD', ALERTS, at, id)
    enter_state(id, 'pending')
    redis.call('ZADD', KEYS[9], at, id)
    due = due + 1
  end
end

redis.call('SET', KEYS[1], ARGV[2])
redis.call('XTRIM', KEYS[2], 'MINID', string.format('%d-0', ARGV[2] + 1))
return due
