-- Defer the due alerts of one partition and destination, because the destination is not configured.
-- A script, because a notifier that knows the destination may claim them at the same time.
--
-- KEYS  sorted set   alerts
--       set          destinations
--       families     alert, alerts_in, due
-- ARGV  destination  name
--       most         alerts to defer
--       delay_ms     in how many ms they are due again
--       why          they are deferred
-- Returns  how many of them were not deferred before
-- include: clock alerts

local at, due = now(), keys.due .. args.destination
local fresh = 0
for _, id in ipairs(redis.call('ZRANGEBYSCORE', due, '-inf', at, 'LIMIT', 0, args.most)) do
  local key = keys.alert .. id
  local status = redis.call('HGET', key, 'status')
  if status == 'sending' then redis.call('HSET', key, 'repeat', 1) end -- its notifier vanished while sending
  if status ~= 'no destination' then fresh = fresh + 1 end
  redis.call('HDEL', key, 'token')
  redis.call('HSET', key, 'last_answer', args.why)
  set_alert_status(keys, id, 'no destination')
  set_due(keys, id, args.destination, at + args.delay_ms)
end
return fresh
