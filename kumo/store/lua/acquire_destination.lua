-- Acquire the lease of a destination, to send one message: one notifier at a time, and not while it is paused or off.
-- A script, because all notifiers share the pace of the destination.
--
-- KEYS  hash         destination
-- ARGV  lease_ms     how long the lease lasts
--       token        of the notifier
--       fingerprint  of the destination's address; another one than stored switches it on again
-- Returns  0 if the lease is acquired; -1 if the destination is off; else the ms to wait
-- include: clock

local at = now()
local fields = redis.call('HMGET', keys.destination, 'fingerprint', 'state', 'ready_at', 'lease_until', 'set_at')
local same = fields[1] == args.fingerprint
if same and fields[2] == 'off' then return -1 end
local free = math.max(same and tonumber(fields[3]) or 0, tonumber(fields[4]) or 0)
-- If the clock has stepped back since these times were set, the rest is unknown: a message may be sent too early.
local stepped_back = (tonumber(fields[5]) or 0) > at
if free > at and not stepped_back then return free - at end
redis.call('HSET', keys.destination, 'fingerprint', args.fingerprint, 'state', 'on', 'token', args.token,
  'lease_until', at + args.lease_ms, 'set_at', at)
return 0
