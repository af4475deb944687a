-- Alerts by the state they are in, each since it was raised. `keys` has alerts (sorted set), alert and alerts_in (families).
local function leave_state(keys, id)
  local state = redis.call('HGET', keys.alert .. id, 'state')
  if state then redis.call('ZREM', keys.alerts_in .. state, id) end
end

local function enter_state(keys, id, state)
  leave_state(keys, id)
  redis.call('HSET', keys.alert .. id, 'state', state)
  redis.call('ZADD', keys.alerts_in .. state, redis.call('ZSCORE', keys.alerts, id), id)
end
