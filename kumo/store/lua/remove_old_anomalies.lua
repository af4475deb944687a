-- Remove the oldest closed anomalies and the oldest delivered alerts that are past the retention.
-- A script, because an alert that is not sent yet must not vanish.
--
-- KEYS  sorted sets  anomalies, alerts
--       set          destinations
--       hash         feedback
--       families     anomaly, anomalies_in, episodes, evidence, alert, alerts_in, due
-- ARGV  before       ms: older ones are removed
--       most         to remove of each
-- Returns  how many were removed
-- include: alerts

local DAY_MS, THING = 86400000, 16
local removed = 0
local function old(key) return redis.call('ZRANGEBYSCORE', key, '-inf', '(' .. args.before, 'LIMIT', 0, args.most) end

-- Return when the last entry or day of an anomaly was, in ms.
local function last_of(anomaly)
  local day = tonumber(anomaly.last_period) or 0
  return math.max(anomaly.last_seen, day * DAY_MS)
end

for _, status in ipairs({'closed', 'withdrawn'}) do
  for _, id in ipairs(old(keys.anomalies_in .. status)) do
    if last_of(cjson.decode(redis.call('GET', keys.anomaly .. id))) < tonumber(args.before) then
      redis.call('DEL', keys.anomaly .. id, keys.evidence .. id)
      redis.call('HDEL', keys.feedback, id)
      redis.call('ZREM', keys.anomalies, id)
      redis.call('ZREM', keys.episodes .. string.sub(id, 1, THING), id)
      redis.call('ZREM', keys.anomalies_in .. status, id)
      removed = removed + 1
    end
  end
end
for _, id in ipairs(old(keys.alerts)) do
  if not redis.call('ZSCORE', keys.due .. destination_of(keys, id), id) then
    leave_alert_status(keys, id)
    redis.call('DEL', keys.alert .. id)
    redis.call('ZREM', keys.alerts, id)
    removed = removed + 1
  end
end
return removed
