-- Claim the due alerts of one partition for one notifier, until its lease ends.
-- A script, because two notifiers may look at once, and a claim must name its holder in the same instant.
--
-- KEYS  sorted sets  due, alerts
--       families     alert, alerts_in
-- ARGV  most         alerts to claim
--       lease_ms     how long the lease lasts
--       token        of the notifier
--       ambiguous    "repeat" or "hold": what to do with an alert whose notifier vanished while sending
-- Returns  per alert: id, then its fields and values as HGETALL gives them
-- include: clock alert_states

local VANISHED = 'The notifier stopped while sending.'
local at = now()
local claimed = {}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', keys.due, '-inf', at, 'LIMIT', 0, args.most)) do
  local key = keys.alert .. id
  local vanished = redis.call('HGET', key, 'state') == 'sending'
  if vanished and args.ambiguous == 'hold' then
    enter_state(keys, id, 'unknown')
    redis.call('HSET', key, 'due_at', 0, 'last_answer', VANISHED)
    redis.call('ZREM', keys.due, id)
  else
    if vanished then redis.call('HSET', key, 'repeat', 1, 'last_answer', VANISHED) end
    enter_state(keys, id, 'sending')
    redis.call('HSET', key, 'token', args.token, 'due_at', at + args.lease_ms)
    redis.call('HINCRBY', key, 'attempts', 1)
    redis.call('ZADD', keys.due, at + args.lease_ms, id)
    claimed[#claimed + 1] = {id, redis.call('HGETALL', key)}
  end
end
return claimed
