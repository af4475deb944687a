-- Write down what became of claimed alerts, each only if the claim still stands.
-- A script, because a notifier that was thought dead may come back after another took over.
--
-- KEYS[1]  sorted set  due
-- KEYS[2]  family      alert:
-- ARGV[1]  token of the notifier
-- then for each alert: id, state, ms when it is due again or "", last answer, ms when it was sent or 0,
--          "1" where it may have arrived else "0"
-- Returns  how many claims still stood
local settled = 0
for at = 2, #ARGV, 6 do
  local id, state, due, answer, sent, again = unpack(ARGV, at, at + 5)
  local key = KEYS[2] .. id
  if redis.call('HGET', key, 'token') == ARGV[1] then
    redis.call('HDEL', key, 'token')
    redis.call('HSET', key, 'state', state, 'last_answer', answer, 'sent_at', sent, 'due_at', due == '' and 0 or due)
    if again == '1' then
      redis.call('HSET', key, 'repeat', 1)
      redis.call('HINCRBY', key, 'doubts', 1)
    end
    if due == '' then redis.call('ZREM', KEYS[1], id) else redis.call('ZADD', KEYS[1], due, id) end
    settled = settled + 1
  end
end
return settled
