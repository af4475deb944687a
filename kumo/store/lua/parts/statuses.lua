-- Entries by status.
-- Most entries are normal and are found among all entries of a series; entries of any other status are in a set.
-- Every series begins with learning, so series with learning entries have no index.
local STATUS = {l = 'learning', n = 'normal', a = 'anomaly'}

-- Return the values that these functions need: the keys newest, judged and entries (families).
local function open_statuses(keys)
  return {newest = keys.newest, judged = keys.judged, entries = keys.entries, times = {normal = {}, anomaly = {}}}
end

-- The status of a packed verdict; nil for no verdict (false or ""), or a status that only a newer version knows.
local function status_of(packed) return packed and STATUS[string.sub(packed, 1, 1)] end

local function set_of(statuses, status, series) return statuses.judged .. status .. ':' .. series end

local function enter_status(statuses, status, series, seq, timestamp)
  local times = statuses.times[status or '']
  if times and (times[series] or -1) < timestamp then times[series] = timestamp end
  if status and status ~= 'normal' then
    redis.call('ZADD', set_of(statuses, status, series), timestamp, string.format('%010x:', seq))
  end
end

-- Write the time of the newest new entry, once for each series.
local function store_newest(statuses)
  for status, times in pairs(statuses.times) do
    for series, time in pairs(times) do redis.call('ZADD', statuses.newest .. status, 'GT', time, series) end
  end
end

-- Remove an entry. A series that had normal entries stays in their index until it has no entries.
local function leave_status(statuses, status, series, seq)
  if status == 'normal' then return end
  local key = set_of(statuses, status, series)
  redis.call('ZREM', key, string.format('%010x:', seq))
  if status == 'learning' then return end
  local last, index = redis.call('ZREVRANGE', key, 0, 0, 'WITHSCORES')[2], statuses.newest .. status
  if last then redis.call('ZADD', index, last, series) else redis.call('ZREM', index, series) end
end

-- Check a series that has lost an entry: it may have been the last one.
local function leave_series(statuses, series)
  if redis.call('EXISTS', statuses.entries .. series) == 0 then
    redis.call('ZREM', statuses.newest .. 'normal', series)
  end
end

-- Move an entry from the set of one packed verdict to that of another; either may be missing.
local function change_status(statuses, series, seq, timestamp, before, after)
  before, after = status_of(before), status_of(after)
  if before == after then return end
  if before then leave_status(statuses, before, series, seq) end
  enter_status(statuses, after, series, seq, timestamp)
end
