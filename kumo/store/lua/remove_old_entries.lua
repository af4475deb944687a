-- Remove the oldest entries of one series that are older than a time (retention).
-- A script, because the window's moments must match their entries, and because nobody may write to a day that has
-- lost an entry. The daily roll-ups stay.
--
-- KEYS  strings   cursor, moved, retention
--       hash      importing
--       families  entries, moments, details, verdicts, external, scope, newest, judged
-- ARGV  window    entries in a window
--       series
--       before    ms, the start of a day: older entries are removed, except in the days of running imports
--       most      entries to remove in this call
-- Returns  how many entries were removed
-- include: blocks details window watermark running_imports statuses

local series, blocks = args.series, open_blocks(keys.moved)
local details, statuses, windows = open_details(keys, blocks), open_statuses(keys), open_windows(keys, args.window)

local function remove_name(external, scope, start)
  redis.call('HDEL', keys.external .. series, external)
  if scope then redis.call('HDEL', keys.scope .. scope, series .. ':' .. start) end
end

local w, judged, removed = window(windows, series), tonumber(redis.call('GET', keys.cursor) or '0'), 0
local bound = limit_to_running(keys.importing, tonumber(args.before))
local before = string.format('%.0f', bound)
for _, m in ipairs(redis.call('ZRANGEBYSCORE', w.key, '-inf', '(' .. before, 'LIMIT', 0, args.most)) do
  local seq = tonumber(string.sub(m, 1, 10), 16)
  if seq > judged then break end -- not judged yet: a later sweep removes it
  if removed == 0 and bound > read_watermark(keys.retention) then redis.call('SET', keys.retention, before) end
  local _, rest = split_details(read_details(details, series, seq))
  local external, scope, start = external_id_of(rest)
  if external then remove_name(external, scope, start) end
  leave_window(w, m)
  delete_details(details, series, seq)
  local key, field = place(blocks, keys.verdicts, series, seq)
  change_status(statuses, series, seq, nil, redis.call('HGET', key, field), nil)
  redis.call('HDEL', key, field)
  removed = removed + 1
end
store_windows(windows)
leave_series(statuses, series)
return removed
