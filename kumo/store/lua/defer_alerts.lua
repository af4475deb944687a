-- Keep the due alerts of one partition, since there is nowhere to send them, and look at them again later.
-- A script, because a notifier that still has a destination may claim them at the same time.
--
-- KEYS  sorted sets  due, alerts
--       families     alert, alerts_in
-- ARGV  most         alerts to keep
--       delay_ms     in how many ms they are due again
--       why          they are kept
-- Returns  how many of them were not kept before
-- include: clock alert_states

local at = now()
local fresh = 0
for _, id in ipairs(redis.call('ZRANGEBYSCORE', keys.due, '-inf', at, 'LIMIT', 0, args.most)) do
  local key = keys.alert .. id
  local state = redis.call('HGET', key, 'state')
  if state == 'sending' then redis.call('HSET', key, 'repeat', 1) end -- its notifier vanished while sending
  if state ~= 'no destination' then fresh = fresh + 1 end
  redis.call('HDEL', key, 'token')
  enter_state(keys, id, 'no destination')
  redis.call('HSET', key, 'last_answer', args.why, 'due_at', at + args.delay_ms)
  redis.call('ZADD', keys.due, at + args.delay_ms, id)
end
return fresh
