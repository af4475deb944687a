-- Remove the oldest entries of one series that are older than a time: the retention sweep.
-- A script, because the window's moments must change with the entries they count, and because nobody may write to a day
-- of which an entry is gone. The daily roll-ups stay.
--
-- KEYS[1]  family  entries:      KEYS[4]  family      verdicts:
-- KEYS[2]  family  moments:      KEYS[5]  family      external:
-- KEYS[3]  family  facts:        KEYS[6]  string      cursor
-- KEYS[8]  string  moved         KEYS[7]  family      scope:
-- KEYS[9]  string  retention     KEYS[10] hash        importing
-- KEYS[11] family  newest:       KEYS[12] family      judged:
-- ARGV[1]  entries in a window
-- ARGV[2]  series
-- ARGV[3]  ms, the start of a day: what is older goes, but for the days of imports that are under way
-- ARGV[4]  most entries to remove in this call
-- Returns  how many entries were removed
local WINDOW = ARGV[1]
local ENTRIES, MOMENTS, FACTS, MOVED, RETENTION, IMPORTING = KEYS[1], KEYS[2], KEYS[3], KEYS[8], KEYS[9], KEYS[10]
local NEWEST, JUDGED = KEYS[11], KEYS[12]
-- include: limbs places facts window clock retention under_way statuses

local w = window(ARGV[2])
local judged = tonumber(redis.call('GET', KEYS[6]) or '0')
local removed = 0
local before = string.format('%.0f', before_imports(tonumber(ARGV[3])))
for _, m in ipairs(redis.call('ZRANGEBYSCORE', w.key, '-inf', '(' .. before, 'LIMIT', 0, ARGV[4])) do
  local seq = tonumber(string.sub(m, 1, 10), 16)
  if seq > judged then break end -- not judged yet: the next sweep takes it
  if removed == 0 and not is_past(before) then redis.call('SET', RETENTION, before) end
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
  local key, field = place(KEYS[4], ARGV[2], seq)
  change_status(ARGV[2], seq, nil, redis.call('HGET', key, field), nil)
  redis.call('HDEL', key, field)
  removed = removed + 1
end
store_windows()
leave_series(ARGV[2])
return removed
