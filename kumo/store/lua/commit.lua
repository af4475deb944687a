-- Store the verdicts of one slice of a partition, their anomalies and alerts, and advance the cursor.
-- A script, because two workers may judge the same slice at once, and because neither an anomaly nor its alert may
-- exist without the other.
--
-- KEYS  strings      cursor, moved, version
--       stream       pending
--       hashes       open, states, things, progress, hourly
--       sorted sets  anomalies, alerts, unfolded
--       set          destinations
--       families     verdicts, anomaly, evidence, alert, alerts_in, due, entries, newest, judged, anomalies_in, details
--       families     periods, episodes
-- ARGV  cursor       the one at which the caller started
--       version      the one at which the caller started
--       last         arrival judged, the new cursor; the same as cursor if only totals were folded
--       brought      JSON {open: {series: anomaly id or ""}, anomalies: [[id, JSON, opened at ms, status]],
--                    alerts: [[id, kind, anomaly id, number, destination, JSON]], evidence: [[anomaly id, JSON]]}
--       verdicts[series, seq, timestamp, packed]
--                    number and time in ms of each entry, its packed verdict, or "" if the entry was removed
--       learned[name, packed]
--                    changed states; packed is "" to delete one
--       rows[thing, packed]
--       periods[thing, day, packed]
--                    verdicts on totals; packed is "" where there is none any more
--       hours[series, hour, packed]
--                    verdicts on totals of hours, as periods
--       hourly[series, packed]
--       episodes[thing, anomaly, last]
--                    number of the last period, or "" if the anomaly has no period
--       touched[thing, day]
--                    things to fold later, from a day on
--       folded[thing, left]
--                    the day from which is left to fold, or "" if nothing is
--       progress[provider, day, bill]
--                    currency and provider, its newest day, and "1" if it is from a bill, else "0"
-- Returns  -1, without any write, if cursor or version have moved, or if the last arrival no longer exists (otherwise a
--          Redis that lost its last second would count future arrivals as judged); else how many alerts are due
-- include: blocks clock alerts news statuses things
local STATUSES = {'open', 'closed', 'withdrawn'}

if (redis.call('GET', keys.cursor) or '0') ~= args.cursor then return -1 end
if (redis.call('GET', keys.version) or '0') ~= args.version then return -1 end
if args.last ~= args.cursor and #redis.call('XRANGE', keys.pending, args.last .. '-0', args.last .. '-0') == 0 then return -1 end
local brought = cjson.decode(args.brought)
local blocks, statuses = open_blocks(keys.moved), open_statuses(keys)

-- Update the sets of statuses for a judged entry; returns its verdict, or none if the retention has removed the entry.
local function judge_again(series, seq, timestamp, before, packed)
  if redis.call('HEXISTS', place(blocks, keys.details, series, seq)) == 0 then packed = '' end
  change_status(statuses, series, seq, timestamp, before, packed)
  return packed
end

local cursor, left = tonumber(args.cursor), {}
for _, row in ipairs(args.verdicts) do
  local series, seq, timestamp, packed = row.series, tonumber(row.seq), tonumber(row.timestamp), row.packed
  local key, field = place(blocks, keys.verdicts, series, seq)
  if seq > cursor then
    enter_status(statuses, status_of(packed), series, seq, timestamp)
  else
    packed = judge_again(series, seq, timestamp, redis.call('HGET', key, field), packed)
  end
  if packed == '' then
    redis.call('HDEL', key, field)
    left[series] = true
  else
    redis.call('HSET', key, field, packed)
  end
end
store_newest(statuses)
for series in pairs(left) do leave_series(statuses, series) end

for _, row in ipairs(args.learned) do set_or_delete(keys.states, row.name, row.packed) end
for _, e in ipairs(brought.evidence) do redis.call('SET', keys.evidence .. e[1], e[2]) end
for series, anomaly in pairs(brought.open) do set_or_delete(keys.open, series, anomaly) end
for _, a in ipairs(brought.anomalies) do
  local id, text, opened_at, current = unpack(a)
  redis.call('SET', keys.anomaly .. id, text)
  redis.call('ZADD', keys.anomalies, opened_at, id)
  for _, status in ipairs(STATUSES) do
    local key = keys.anomalies_in .. status
    if status == current then redis.call('ZADD', key, opened_at, id) else redis.call('ZREM', key, id) end
  end
end

local due, at = 0, now()
for _, alert in ipairs(brought.alerts) do
  local id, kind, anomaly, number, destination, body = unpack(alert)
  if is_news(keys, anomaly, number, kind, body) then
    raise_alert(keys, id, destination, body, at)
    due = due + 1
  end
end

store_things(keys, args)
redis.call('SET', keys.cursor, args.last)
redis.call('XTRIM', keys.pending, 'MINID', string.format('%d-0', args.last + 1))
return due
