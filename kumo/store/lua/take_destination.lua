-- Take the turn to send to a destination: one notifier at a time, one message a second, not while it is paused or off.
-- A script, because all notifiers share the destination's pace.
--
-- KEYS[1]  hash    the destination
-- ARGV[1]  now, ms
-- ARGV[2]  end of the lease, ms
-- ARGV[3]  token of the notifier
-- ARGV[4]  fingerprint of the destination's address; another one than stored switches it on again
-- Returns  0 where the turn is taken; -1 where the destination is off; else the ms to wait
local fields = redis.call('HMGET', KEYS[1], 'fingerprint', 'state', 'ready_at', 'lease_until')
local same = fields[1] == ARGV[4]
if same and fields[2] == 'off' then return -1 end
local free = math.max(same and tonumber(fields[3]) or 0, tonumber(fields[4]) or 0)
if free > tonumber(ARGV[1]) then return free - ARGV[1] end
redis.call('HSET', KEYS[1], 'fingerprint', ARGV[4], 'state', 'on', 'token', ARGV[3], 'lease_until', ARGV[2])
return 0
