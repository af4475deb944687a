-- Claim scopes in one partition for an import: from now on nobody with a lower number writes to them here, and the
-- retention does not reach into the days of the import.
-- A script, because two imports may claim at once, and one of them must see the other.
--
-- KEYS[1]  hash  scopes
-- KEYS[2]  hash  importing
-- ARGV[1]  number of the import
-- ARGV[2]  start of its first day, ms
-- ARGV[3…] scopes
-- Returns  0; or the higher number that has claimed one of them, and writes nothing
local LONGEST_SECONDS = 7 * 86400
-- include: clock

for at = 3, #ARGV do
  local holder = tonumber(redis.call('HGET', KEYS[1], ARGV[at]) or '0')
  if holder > tonumber(ARGV[1]) then return holder end
end
for at = 3, #ARGV do
  local holder = redis.call('HGET', KEYS[1], ARGV[at])
  -- one that is overtaken ends, or was killed
  if holder and holder ~= ARGV[1] then redis.call('HDEL', KEYS[2], holder) end
  redis.call('HSET', KEYS[1], ARGV[at], ARGV[1])
end
redis.call('HSET', KEYS[2], ARGV[1], string.format('%s %.0f', ARGV[2], now()))
redis.call('EXPIRE', KEYS[2], LONGEST_SECONDS)
return 0
