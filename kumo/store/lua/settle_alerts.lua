-- Write down what became of claimed alerts, each only if the claim still stands.
-- A script, because a notifier that was thought dead may come back after another took over.
--
-- KEYS[1]  sorted set  due      KEYS[3]  sorted set  alerts    KEYS[5]  hash  delivery
-- KEYS[2]  family      alert:   KEYS[4]  family      alerts:
-- ARGV[1]  token of the notifier
-- ARGV[2]  upper bounds, in ms, of the times from arrival to Slack that are counted together, in order
-- then for each alert: id, state, in how many ms it is due again or "", last answer, "1" where it may have arrived else "0",
--          ms when what raised it arrived, or 0
-- Returns  how many claims still stood
local ALERT, ALERTS, STATES, DELIVERY = KEYS[2], KEYS[3], KEYS[4], KEYS[5]
-- include: clock alert_states

local function observe(ms)
  local found = '+Inf'
  for bound in string.gmatch(ARGV[2], '%d+') do
    if ms <= tonumber(bound) then
      found = bound
      break
    end
  end
  redis.call('HINCRBY', DELIVERY, found, 1)
  redis.call('HINCRBY', DELIVERY, 'sum', ms)
end

local at = now()
local settled = 0
for place = 3, #ARGV, 6 do
  local id, state, delay, answer, again, arrived = unpack(ARGV, place, place + 5)
  local key = ALERT .. id
  if redis.call('HGET', key, 'token') == ARGV[1] then
    redis.call('HDEL', key, 'token')
    enter_state(id, state)
    if state == 'sent' and arrived ~= '0' then observe(math.max(0, at - arrived)) end
    redis.call('HSET', key, 'last_answer', answer, 'sent_at', state == 'sent' and at or 0,
      'due_at', delay == '' and 0 or at + delay)
    if again == '1' then
      redis.call('HSET', key, 'repeat', 1)
      redis.call('HINCRBY', key, 'doubts', 1)
    end
    if delay == '' then redis.call('ZREM', KEYS[1], id) else redis.call('ZADD', KEYS[1], at + delay, id) end
    settled = settled + 1
  end
end
return settled
