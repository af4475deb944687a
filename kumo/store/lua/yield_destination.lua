-- Give back the turn to send to a destination and say how it went.
-- A script, because the turn may have passed to another notifier meanwhile.
--
-- KEYS  hash      destination
-- ARGV  token     of the notifier
--       pause_ms  in how many ms the next message may go out
--       state     "on" or "off"
--       answer    the last answer
--       messages  sent, 0 or 1
--       repeats   alerts in it that may have arrived before
-- Returns  1 where the turn was still the caller's, else 0
-- include: clock

local key = keys.destination
redis.call('HINCRBY', key, 'messages', args.messages)
redis.call('HINCRBY', key, 'repeats', args.repeats)
if redis.call('HGET', key, 'token') ~= args.token then return 0 end
local at = now()
redis.call('HDEL', key, 'token', 'lease_until')
redis.call('HSET', key, 'ready_at', at + args.pause_ms, 'set_at', at, 'state', args.state, 'last_answer', args.answer)
return 1
