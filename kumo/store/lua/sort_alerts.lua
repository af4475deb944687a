-- Make anew what is kept of one partition's alerts by state.
-- A script, because meanwhile an alert could change its state.
--
-- KEYS[1]  sorted set  alerts   KEYS[2]  family  alert:   KEYS[3]  family  alerts:
-- ARGV     each state
-- Returns  nothing
for _, state in ipairs(ARGV) do redis.call('DEL', KEYS[3] .. state) end
local rows = redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')
for place = 1, #rows, 2 do
  local state = redis.call('HGET', KEYS[2] .. rows[place], 'state')
  if state then redis.call('ZADD', KEYS[3] .. state, rows[place + 1], rows[place]) end
end
