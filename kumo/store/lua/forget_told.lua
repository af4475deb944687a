-- Remove the oldest anomalies and alerts of one partition that are over and past the retention.
-- A script, because an alert must not vanish while it is still to be told.
--
-- KEYS[1]  sorted set  anomalies   KEYS[4]  family      alert:
-- KEYS[2]  family      anomaly:    KEYS[5]  sorted set  due
-- KEYS[3]  sorted set  alerts      KEYS[6]  family      evidence:
-- KEYS[8]  family      alerts:     KEYS[7]  hash        feedback
-- KEYS[9]  family      anomalies:
-- ARGV[1]  ms: what is older goes
-- ARGV[2]  most to remove of each
-- Returns  how many were removed
local ALERTS, ALERT, STATES = KEYS[3], KEYS[4], KEYS[8]
-- include: alert_states

local removed = 0
local function old(key) return redis.call('ZRANGEBYSCORE', key, '-inf', '(' .. ARGV[1], 'LIMIT', 0, ARGV[2]) end

for _, phase in ipairs({'closed', 'withdrawn'}) do
  for _, id in ipairs(old(KEYS[9] .. phase)) do
    if cjson.decode(redis.call('GET', KEYS[2] .. id)).last_seen < tonumber(ARGV[1]) then
      redis.call('DEL', KEYS[2] .. id, KEYS[6] .. id)
      redis.call('HDEL', KEYS[7], id)
      redis.call('ZREM', KEYS[1], id)
      redis.call('ZREM', KEYS[9] .. phase, id)
      removed = removed + 1
    end
  end
end
for _, id in ipairs(old(KEYS[3])) do
  if not redis.call('ZSCORE', KEYS[5], id) then
    leave_state(id)
    redis.call('DEL', ALERT .. id)
    redis.call('ZREM', ALERTS, id)
    removed = removed + 1
  end
end
return removed
