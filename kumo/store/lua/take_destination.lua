-- Take the turn to send to a destination: one notifier at a time, one message a second, not while it is paused or off.
-- A script, because all notifiers share the destination's pace.
--
-- KEYS[1]  hash    the destination
-- ARGV[1]  ms that the turn is leased
-- ARGV[2]  token of the notifier
-- ARGV[3]  fingerprint of the destination's address; another one than stored switches it on again
-- Returns  0 where the turn is taken; -1 where the destination is off; else the ms to wait
-- include: clock

local at = now()
local fields = redis.call('HMGET', KEYS[1], 'fingerprint', 'state', 'ready_at', 'lease_until', 'set_at')
local same = fields[1] == ARGV[3]
if same and fields[2] == 'off' then return -1 end
local free = math.max(same and tonumber(fields[3]) or 0, tonumber(fields[4]) or 0)
-- Where the clock has stepped back since these times were set, nobody knows how long is left: at most a message too early.
local stepped_back = (tonumber(fields[5]) or 0) > at
if free > at and not stepped_back then return free - at end
redis.call('HSET', KEYS[1], 'fingerprint', ARGV[3], 'state', 'on', 'token', ARGV[2], 'lease_until', at + ARGV[1], 'set_at', at)
return 0
