-- Alerts by the state they are in, each since it was raised. Needs ALERTS (sorted set), ALERT and STATES (families).
local function leave_state(id)
  local state = redis.call('HGET', ALERT .. id, 'state')
  if state then redis.call('ZREM', STATES .. state, id) end
end

local function enter_state(id, state)
  leave_state(id)
  redis.call('HSET', ALERT .. id, 'state', state)
  redis.call('ZADD', STATES .. state, redis.call('ZSCORE', ALERTS, id), id)
end
