-- Alerts by status, scored by when they were raised; unsent alerts by destination, scored by when they are due.
-- `keys` has alerts (sorted set), destinations (set), and alert, alerts_in, due (families).
local function leave_alert_status(keys, id)
  local status = redis.call('HGET', keys.alert .. id, 'status')
  if status then redis.call('ZREM', keys.alerts_in .. status, id) end
end

local function set_alert_status(keys, id, status)
  leave_alert_status(keys, id)
  redis.call('HSET', keys.alert .. id, 'status', status)
  redis.call('ZADD', keys.alerts_in .. status, redis.call('ZSCORE', keys.alerts, id), id)
end

local function set_due(keys, id, destination, at)
  redis.call('HSET', keys.alert .. id, 'due_at', at)
  redis.call('ZADD', keys.due .. destination, at, id)
  redis.call('SADD', keys.destinations, destination)
end

local function clear_due(keys, id, destination)
  redis.call('HSET', keys.alert .. id, 'due_at', 0)
  redis.call('ZREM', keys.due .. destination, id)
  if redis.call('EXISTS', keys.due .. destination) == 0 then redis.call('SREM', keys.destinations, destination) end
end

local function destination_of(keys, id) return redis.call('HGET', keys.alert .. id, 'destination') or '' end

local function raise_alert(keys, id, destination, body, at)
  local key = keys.alert .. id
  redis.call('HSET', key, 'body', body, 'destination', destination, 'attempts', 0, 'created_at', at)
  redis.call('ZADD', keys.alerts, at, id)
  set_alert_status(keys, id, 'pending')
  set_due(keys, id, destination, at)
end
