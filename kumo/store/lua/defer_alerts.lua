-- Keep the due alerts of one partition, since there is nowhere to send them, and look at them again later.
-- A script, because a notifier that still has a destination may claim them at the same time.
--
-- KEYS[1]  sorted set  due      KEYS[3]  sorted set  alerts
-- KEYS[2]  family      alert:   KEYS[4]  family      alerts:
-- ARGV[1]  most alerts to keep
-- ARGV[2]  in how many ms they are due again
-- ARGV[3]  why they are kept
-- Returns  how many of them were not kept before
local ALERT, ALERTS, STATES = KEYS[2], KEYS[3], KEYS[4]
-- include: clock alert_states

local at = now()
local fresh = 0
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', at, 'LIMIT', 0, ARGV[1])) do
  local key = ALERT .. id
  local state = redis.call('HGET', key, 'state')
  if state == 'sending' then redis.call('HSET', key, 'repeat', 1) end -- its notifier vanished while sending
  if state ~= 'no destination' then fresh = fresh + 1 end
  redis.call('HDEL', key, 'token')
  enter_state(id, 'no destination')
  redis.call('HSET', key, 'last_answer', ARGV[3], 'due_at', at + ARGV[2])
  redis.call('ZADD', KEYS[1], at + ARGV[2], id)
end
return fresh
