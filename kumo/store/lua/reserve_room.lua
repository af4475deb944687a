-- Reserve room for a waiting upload, or change the size and duration of its reservation.
-- A script, because two uploads may ask for the last room at once.
--
-- KEYS  sorted set    room  TOKEN:BYTES of each upload, scored by the ms since 1970 until which it counts
-- ARGV  token         of the upload
--       size          its bytes
--       counts_ms     how long it counts
--       most_bytes    of all uploads together
--       most_uploads
--       longest_ms    for which any upload counts: more is left if the clock has stepped back
-- Returns  {1, …} if it is reserved; else {0, bytes, uploads} of the others, without any change
-- include: clock

local at, key, longest = now(), keys.room, tonumber(args.longest_ms)
redis.call('ZREMRANGEBYSCORE', key, '-inf', at)
local bytes, count, own = 0, 0, nil
local entries = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES')
for place = 1, #entries, 2 do
  local entry = entries[place]
  local token, size = string.match(entry, '^(.*):(%d+)$')
  if token == args.token then
    own = entry
  else
    bytes, count = bytes + size, count + 1
    if tonumber(entries[place + 1]) > at + longest then redis.call('ZADD', key, at + longest, entry) end
  end
end
-- An existing reservation stays, even if the limits are lower now.
local grows = not own or tonumber(args.size) > tonumber(string.match(own, '(%d+)$'))
local is_full = bytes + args.size > tonumber(args.most_bytes) or count + 1 > tonumber(args.most_uploads)
if grows and is_full then return {0, bytes, count} end
if own then redis.call('ZREM', key, own) end
redis.call('ZADD', key, at + args.counts_ms, args.token .. ':' .. args.size)
redis.call('PEXPIREAT', key, redis.call('ZRANGE', key, -1, -1, 'WITHSCORES')[2])
return {1, bytes, count}
