-- Release the lease of a destination and record the outcome of the message.
-- A script, because another notifier may hold the lease by now.
--
-- KEYS  hash      destination
-- ARGV  token     of the notifier
--       pause_ms  ms until the next message may be sent
--       state     "on" or "off"
--       answer    the last answer
--       messages  sent, 0 or 1
--       repeats   alerts in it that may have arrived before
-- Returns  1 if the lease was still the caller's, else 0
-- include: clock

local key = keys.destination
redis.call('HINCRBY', key, 'messages', args.messages)
redis.call('HINCRBY', key, 'repeats', args.repeats)
if redis.call('HGET', key, 'token') ~= args.token then return 0 end
local at = now()
redis.call('HDEL', key, 'token', 'lease_until')
redis.call('HSET', key, 'ready_at', at + args.pause_ms, 'set_at', at, 'state', args.state, 'last_answer', args.answer)
return 1
