-- What arrives is numbered, kept and fed to the judge. Needs the keys SEQ, CLOSED, PENDING, WAKE, SERIES, RECENT, families
-- WITH and EXTERNAL, WAKE_MS, and QUIET: the ms before which nothing is alerted any more; and limbs, places, facts, window, daily,
-- clock.
local INDEXED = {'provider', 'account', 'region', 'service', 'currency', 'charge_category'}
local CLOSED_NOW = redis.error_reply('RESTORING A restore fills the store: nothing is recorded until it ends.')
local head, first, newest, arrived = 0, 0, {}, now()

-- Begin to number arrivals; false where nothing may arrive now.
local function open_feed()
  if redis.call('EXISTS', CLOSED) == 1 then return false end
  head = tonumber(redis.call('GET', SEQ) or '0')
  first = head
  return true
end

-- A mark tells the judge more of an arrival: " x" its series takes no part, " r" it was removed, " q" it is too old to alert,
-- " w" it changes no amount.
local function feed(e, entry_seq, timestamp, amount, baseline, mark)
  mark = e.mark or mark or (tonumber(timestamp) < QUIET and ' q' or '')
  redis.call('XADD', PENDING, string.format('%d-0', head), 'r',
    string.format('%s %d %s %s %s%s', e.series, entry_seq, timestamp, amount, baseline, mark), 't', arrived)
end

-- An identity is JSON of a series' names as they are spelled, and as they are compared: the index holds the latter, and
-- the series keeps the spelling that comes first.
local function index(e)
  if redis.call('HSETNX', SERIES, e.series, e.identity) == 0 then return end
  for i, value in ipairs(cjson.decode(e.identity)[2]) do
    redis.call('SADD', WITH .. INDEXED[i] .. ':' .. value, e.series)
  end
end

local function add(e)
  local w = window(e.series)
  if w.entries == 0 then index(e) end
  head = head + 1
  feed(e, head, e.timestamp, e.amount, snapshot(w))
  set_fact(e.series, head, e.amount, e.rest)
  enter(w, e.timestamp, member(head, e.amount))
  roll_up(e.series, e.timestamp, 1, e.amount, 1)
  if e.external ~= '' then redis.call('HSET', EXTERNAL .. e.series, e.external, string.format('%d', head)) end
  newest[e.series] = math.max(newest[e.series] or 0, e.timestamp)
end

-- Give a known entry another amount, everywhere; the judge reads it again, against the window without it.
local function restate(e, seq, timestamp, old, rest)
  local w = window(e.series)
  local within = inside(w, member(seq, old))
  if within then weigh(w, old, -1) end
  head = head + 1
  feed(e, seq, timestamp, e.amount, snapshot(w))
  set_fact(e.series, seq, e.amount, rest)
  redis.call('ZREM', w.key, member(seq, old))
  redis.call('ZADD', w.key, timestamp, member(seq, e.amount))
  if within then weigh(w, e.amount, 1) end
  roll_up(e.series, timestamp, -1, old, -1)
  roll_up(e.series, timestamp, 1, e.amount, 1)
end

-- Give a known entry another rest. The judge passes over it, but what was read before is out of date.
local function restate_rest(e, seq)
  head = head + 1
  feed(e, seq, e.timestamp, e.amount, snapshot(window(e.series)), ' w')
  set_fact(e.series, seq, e.amount, e.rest)
end

-- Write what was gathered; returns 1 where a judge must be woken, else 0.
local function close_feed()
  store_windows()
  for series, timestamp in pairs(newest) do redis.call('ZADD', RECENT, 'GT', timestamp, series) end
  if head == first then return 0 end
  redis.call('SET', SEQ, string.format('%d', head))
  return redis.call('SET', WAKE, '1', 'NX', 'PX', WAKE_MS) and 1 or 0
end
