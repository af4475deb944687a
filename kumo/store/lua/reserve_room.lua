-- Reserve room for an upload among those that wait, or change how much is reserved for it and for how long.
-- A script, because two may ask for the last room at once.
--
-- KEYS[1]  sorted set  TOKEN:BYTES of each upload, scored by the ms since 1970 until which it counts
-- ARGV[1]  token of the upload
-- ARGV[2]  its bytes
-- ARGV[3]  how long it counts, ms
-- ARGV[4]  most bytes of all uploads together
-- ARGV[5]  most uploads
-- ARGV[6]  the longest that any counts, ms: more is left where the clock has stepped back
-- Returns  {1, …} where it is reserved; else {0, bytes, uploads} of the others, and changes nothing of its own
-- include: clock

local at, key = now(), KEYS[1]
redis.call('ZREMRANGEBYSCORE', key, '-inf', at)
local bytes, count, own = 0, 0, nil
local entries = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES')
for place = 1, #entries, 2 do
  local entry = entries[place]
  local token, size = string.match(entry, '^(.*):(%d+)$')
  if token == ARGV[1] then
    own = entry
  else
    bytes, count = bytes + size, count + 1
    if tonumber(entries[place + 1]) > at + ARGV[6] then redis.call('ZADD', key, at + ARGV[6], entry) end
  end
end
-- What is reserved already is not taken back, also where the limits are lower by now.
local grows = not own or tonumber(ARGV[2]) > tonumber(string.match(own, '(%d+)$'))
if grows and (bytes + ARGV[2] > tonumber(ARGV[4]) or count + 1 > tonumber(ARGV[5])) then return { 0, bytes, count } end
if own then redis.call('ZREM', key, own) end
redis.call('ZADD', key, at + ARGV[3], ARGV[1] .. ':' .. ARGV[2])
redis.call('PEXPIREAT', key, redis.call('ZRANGE', key, -1, -1, 'WITHSCORES')[2])
return { 1, bytes, count }
