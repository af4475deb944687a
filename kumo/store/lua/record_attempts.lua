-- Record the outcome of attempts to send claimed alerts, each only if its claim still holds.
-- A script, because a slow notifier may return after another took over.
--
-- KEYS  sorted set  alerts
--       set         destinations
--       hash        delivery
--       families    alert, alerts_in, due
-- ARGV  token       of the notifier
--       bounds      upper bounds of the histogram of times from arrival to delivery, in ms, in order
--       attempts[id, status, delay_ms, answer, again, arrived_at]
--                   delay_ms until it is due again or "", answer the last one, again "1" if it may have arrived else
--                   "0", arrived_at ms when its cost arrived, or 0
-- Returns  how many claims still held
-- include: clock alerts

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
for _, row in ipairs(args.attempts) do
  local key = keys.alert .. row.id
  if redis.call('HGET', key, 'token') == args.token then
    redis.call('HDEL', key, 'token')
    set_alert_status(keys, row.id, row.status)
    local sent = row.status == 'sent'
    if sent and row.arrived_at ~= '0' then observe(math.max(0, at - row.arrived_at)) end
    redis.call('HSET', key, 'last_answer', row.answer, 'sent_at', sent and at or 0)
    if row.again == '1' then
      redis.call('HSET', key, 'repeat', 1)
      redis.call('HINCRBY', key, 'unconfirmed', 1)
    end
    local destination = destination_of(keys, row.id)
    if row.delay_ms == '' then
      clear_due(keys, row.id, destination)
    else
      set_due(keys, row.id, destination, at + row.delay_ms)
    end
    count = count + 1
  end
end
return count
