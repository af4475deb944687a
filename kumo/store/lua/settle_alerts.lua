-- Write down what became of claimed alerts, each only if the claim still stands.
-- A script, because a notifier that was thought dead may come back after another took over.
--
-- KEYS  sorted sets  due, alerts
--       hash         delivery
--       families     alert, alerts_in
-- ARGV  token        of the notifier
--       bounds       upper ones, in ms, of the times from arrival to Slack that are counted together, in order
--       settled[id, state, delay_ms, answer, again, arrived_at]
--                    delay_ms until it is due again or "", answer the last one, again "1" where it may have arrived else
--                    "0", arrived_at ms when what raised it arrived, or 0
-- Returns  how many claims still stood
-- include: clock alert_states

local function observe(ms)
  local found = '+Inf'
  for bound in string.gmatch(args.bounds, '%d+') do
    if ms <= tonumber(bound) then
      found = bound
      break
    end
  end
  redis.call('HINCRBY', keys.delivery, found, 1)
  redis.call('HINCRBY', keys.delivery, 'sum', ms)
end

local at, count = now(), 0
for _, row in ipairs(args.settled) do
  local key, due_at = keys.alert .. row.id, row.delay_ms ~= '' and at + row.delay_ms
  if redis.call('HGET', key, 'token') == args.token then
    redis.call('HDEL', key, 'token')
    enter_state(keys, row.id, row.state)
    local sent = row.state == 'sent'
    if sent and row.arrived_at ~= '0' then observe(math.max(0, at - row.arrived_at)) end
    redis.call('HSET', key, 'last_answer', row.answer, 'sent_at', sent and at or 0, 'due_at', due_at or 0)
    if row.again == '1' then
      redis.call('HSET', key, 'repeat', 1)
      redis.call('HINCRBY', key, 'doubts', 1)
    end
    if due_at then redis.call('ZADD', keys.due, due_at, row.id) else redis.call('ZREM', keys.due, row.id) end
    count = count + 1
  end
end
return count
