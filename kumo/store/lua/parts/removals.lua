-- Taking entries out as if they had never been recorded, but for their numbers. Needs FORMER, what arrivals needs, and
-- retention.
local thinned = {}

local function remove(e, seq)
  local amount = string.match(fact(e.series, seq), '^%-?%d+')
  local w = window(e.series)
  leave(w, member(seq, amount))
  roll_up(e.series, e.timestamp, -1, amount, -1)
  redis.call('HDEL', EXTERNAL .. e.series, e.external)
  drop_fact(e.series, seq)
  head = head + 1
  feed(e, seq, e.timestamp, amount, snapshot(w), ' r')
  thinned[e.series] = w
end

-- Whether a series without entries has roll-ups of days that the retention has reached.
local function is_summed(series)
  for block = 0, math.floor((watermark / DAY_MS - 1) / DAYS) do
    if redis.call('EXISTS', DAILY .. series .. ':' .. block) == 1 then return true end
  end
  return false
end

-- A series that has neither is one no more; what it was is kept for the anomalies that name it.
local function retire(series)
  local identity = redis.call('HGET', SERIES, series)
  local values = cjson.decode(identity)[2]
  for i, field in ipairs(INDEXED) do
    if values[i] then redis.call('SREM', WITH .. field .. ':' .. values[i], series) end
  end
  redis.call('HDEL', SERIES, series)
  redis.call('HSET', FORMER, series, identity)
  redis.call('ZREM', RECENT, series)
  redis.call('DEL', MOMENTS .. series)
end

local function settle_removals()
  for series, w in pairs(thinned) do
    local last = redis.call('ZREVRANGE', w.key, 0, 0, 'WITHSCORES')
    if last[2] then
      redis.call('ZADD', RECENT, last[2], series)
    elseif not is_summed(series) then
      retire(series)
    end
  end
end
