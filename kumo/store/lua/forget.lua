-- Remove the oldest entries of one series that are older than a time: the retention sweep.
-- A script, because the window's moments must change with the entries they count. The daily roll-ups stay.
--
-- KEYS[1]  family  entries:      KEYS[4]  family      verdicts:
-- KEYS[2]  family  moments:      KEYS[5]  family      external:
-- KEYS[3]  family  facts:        KEYS[6]  string      cursor
-- KEYS[8]  string  moved         KEYS[7]  family      scope:
-- ARGV[1]  entries in a window
-- ARGV[2]  series
-- ARGV[3]  ms: what is older goes
-- ARGV[4]  most entries to remove in this call
-- Returns  how many entries were removed
local WINDOW = ARGV[1]
local ENTRIES, MOMENTS, FACTS, MOVED = KEYS[1], KEYS[2], KEYS[3], KEYS[8]
-- include: limbs places facts window

local w = window(ARGV[2])
local judged = tonumber(redis.call('GET', KEYS[6]) or '0')
local removed = 0
for _, m in ipairs(redis.call('ZRANGEBYSCORE', w.key, '-inf', '(' .. ARGV[3], 'LIMIT', 0, ARGV[4])) do
  local seq = tonumber(string.sub(m, 1, 10), 16)
  if seq > judged then break end -- not judged yet: the next sweep takes it
  local rest = string.match(fact(ARGV[2], seq), '^%-?%d+ (.*)$')
  local external = rest and cjson.decode('[' .. kept(rest) .. ']')[1] or nil
  if type(external) == 'table' then external = external.external_id end
  if external then
    redis.call('HDEL', KEYS[5] .. ARGV[2], external)
    local scope, start = string.match(external, '^bill:(%x+):(%d+)$')
    if scope then redis.call('HDEL', KEYS[7] .. scope, ARGV[2] .. ':' .. start) end
  end
  leave(w, m)
  drop_fact(ARGV[2], seq)
  redis.call('HDEL', place(KEYS[4], ARGV[2], seq))
  removed = removed + 1
end
store_windows()
return removed
