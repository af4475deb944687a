-- Claim scopes in one partition for an import: from now on nobody with a lower number writes to them here.
-- A script, because two imports may claim at once, and one of them must see the other.
--
-- KEYS[1]  hash  scopes
-- ARGV[1]  number of the import
-- ARGV[2…] scopes
-- Returns  0; or the higher number that has claimed one of them, and writes nothing
for at = 2, #ARGV do
  local holder = tonumber(redis.call('HGET', KEYS[1], ARGV[at]) or '0')
  if holder > tonumber(ARGV[1]) then return holder end
end
for at = 2, #ARGV do redis.call('HSET', KEYS[1], ARGV[at], ARGV[1]) end
return 0
