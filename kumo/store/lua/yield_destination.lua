-- Give back the turn to send to a destination and say how it went.
-- A script, because the turn may have passed to another notifier meanwhile.
--
-- KEYS[1]  hash    the destination
-- ARGV[1]  token of the notifier
-- ARGV[2]  in how many ms the next message may go out
-- ARGV[3]  "on" or "off"
-- ARGV[4]  last answer
-- ARGV[5]  messages sent, 0 or 1
-- ARGV[6]  alerts in it that may have arrived before
-- Returns  1 where the turn was still the caller's, else 0
-- include: clock

redis.call('HINCRBY', KEYS[1], 'messages', ARGV[5])
redis.call('HINCRBY', KEYS[1], 'repeats', ARGV[6])
if redis.call('HGET', KEYS[1], 'token') ~= ARGV[1] then return 0 end
local at = now()
redis.call('HDEL', KEYS[1], 'token', 'lease_until')
redis.call('HSET', KEYS[1], 'ready_at', at + ARGV[2], 'set_at', at, 'state', ARGV[3], 'last_answer', ARGV[4])
return 1
