-- Claim the due alerts of one partition and destination for one notifier, until its lease ends.
-- A script, because two notifiers may look at once, and a claim must store its holder in the same step.
--
-- KEYS  sorted set   alerts
--       set          destinations
--       families     alert, alerts_in, due
-- ARGV  destination  name
--       most         alerts to claim
--       lease_ms     how long the lease lasts
--       token        of the notifier
--       ambiguous    "repeat" or "hold": what to do with an alert whose notifier vanished while sending
-- Returns  for each alert: id, then its fields and values as in HGETALL
-- include: clock alerts

local VANISHED = 'The notifier stopped while sending.'
local at, due = now(), keys.due .. args.destination
local claimed = {}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', due, '-inf', at, 'LIMIT', 0, args.most)) do
  local key = keys.alert .. id
  local vanished = redis.call('HGET', key, 'status') == 'sending'
  if vanished then redis.call('HSET', key, 'last_answer', VANISHED) end
  if vanished and args.ambiguous == 'hold' then
    set_alert_status(keys, id, 'unknown')
    clear_due(keys, id, args.destination)
  else
    if vanished then redis.call('HSET', key, 'repeat', 1) end
    set_alert_status(keys, id, 'sending')
    set_due(keys, id, args.destination, at + args.lease_ms)
    redis.call('HSET', key, 'token', args.token)
    redis.call('HINCRBY', key, 'attempts', 1)
    claimed[#claimed + 1] = {id, redis.call('HGETALL', key)}
  end
end
return claimed
