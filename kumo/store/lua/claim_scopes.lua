-- Claim scopes in one partition for an import: from now on no import with a lower number writes to them here, and the
-- retention does not touch the days of the import.
-- A script, because two imports may claim at once, and one of them must see the other.
--
-- KEYS  hashes    scopes, importing
-- ARGV  number    of the import
--       since     start of its first day, ms
--       scopes[]  the scopes to claim
-- Returns  0; or the higher number that has claimed one of them, without any write
-- include: clock
local LONGEST_SECONDS = 7 * 86400

for _, scope in ipairs(args.scopes) do
  local holder = tonumber(redis.call('HGET', keys.scopes, scope) or '0')
  if holder > tonumber(args.number) then return holder end
end
for _, scope in ipairs(args.scopes) do
  local holder = redis.call('HGET', keys.scopes, scope)
  -- an overtaken import ends, or was killed
  if holder and holder ~= args.number then redis.call('HDEL', keys.importing, holder) end
  redis.call('HSET', keys.scopes, scope, args.number)
end
redis.call('HSET', keys.importing, args.number, string.format('%s %.0f', args.since, now()))
redis.call('EXPIRE', keys.importing, LONGEST_SECONDS)
return 0
