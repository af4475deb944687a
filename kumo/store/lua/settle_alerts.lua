-- Write down what became of claimed alerts, each only if the claim still stands.
-- A script, because a notifier that was thought dead may come back after another took over.
--
-- KEYS[1]  sorted set  due
-- KEYS[2]  family      alert:
-- ARGV[1]  token of the notifier
-- then for each alert: id, state, in how many ms it is due again or "", last answer, "1" where it may have arrived else "0"
-- Returns  how many claims still stood
-- include: clock

local at = now()
local settled = 0
for place = 2, #ARGV, 5 do
  local id, state, delay, answer, again = unpack(ARGV, place, place + 4)
  local key = KEYS[2] .. id
  if redis.call('HGET', key, 'token') == ARGV[1] then
    redis.call('HDEL', key, 'token')
    redis.call('HSET', key, 'state', state, 'last_answer', answer, 'sent_at', state == 'sent' and at or 0,
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
