-- Claim the due alerts of one partition for one notifier, until its lease ends.
-- A script, because two notifiers may look at once, and a claim must name its holder in the same instant.
--
-- KEYS[1]  sorted set  due      KEYS[3]  sorted set  alerts
-- KEYS[2]  family      alert:   KEYS[4]  family      alerts:
-- ARGV[1]  most alerts to claim
-- ARGV[2]  ms that the lease lasts
-- ARGV[3]  token of the notifier
-- ARGV[4]  "repeat" or "hold": what to do with an alert whose notifier vanished while sending
-- Returns  per alert: id, then its fields and values as HGETALL gives them
local ALERT, ALERTS, STATES = KEYS[2], KEYS[3], KEYS[4]
-- include: clock alert_states

local VANISHED = 'The notifier stopped while sending.'
local at = now()
local claimed = {}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', at, 'LIMIT', 0, ARGV[1])) do
  local key = ALERT .. id
  local vanished = redis.call('HGET', key, 'state') == 'sending'
  if vanished and ARGV[4] == 'hold' then
    enter_state(id, 'unknown')
    redis.call('HSET', key, 'due_at', 0, 'last_answer', VANISHED)
    redis.call('ZREM', KEYS[1], id)
  else
    if vanished then redis.call('HSET', key, 'repeat', 1, 'last_answer', VANISHED) end
    enter_state(id, 'sending')
    redis.call('HSET', key, 'token', ARGV[3], 'due_at', at + ARGV[2])
    redis.call('HINCRBY', key, 'attempts', 1)
    redis.call('ZADD', KEYS[1], at + ARGV[2], id)
    claimed[#claimed + 1] = {id, redis.call('HGETALL', key)}
  end
end
return claimed
