-- Removing entries as if they had never been recorded; only their numbers stay used.
-- include: feed

-- Remove an entry; `thinned` collects the windows of the series that have lost one.
local function remove_entry(feed, e, seq, thinned)
  local was = read_state(feed, e, seq)
  local amount = was.amount
  local w = window(feed.windows, e.series)
  leave_window(w, member(seq, amount))
  share_entry(feed.shares, e, e.timestamp, was, -1)
  redis.call('HDEL', feed.keys.external .. e.series, e.external)
  delete_details(feed.details, e.series, seq)
  arrive(feed, e, seq, e.timestamp, amount, w, ' r')
  thinned[e.series] = w
end

-- A series without entries and without days before the watermark is removed; its identity stays in `former` for
-- the anomalies that name it.
local function retire_series(keys, of, series)
  leave_groups(keys, of.ids)
  leave_tag_sets(keys, of.tag_sets, of.ids[PROVIDER])
  local identity = redis.call('HGET', keys.series, series)
  local values = cjson.decode(identity)[2]
  for i, field in ipairs(INDEXED) do
    if values[i] then redis.call('SREM', keys.with_ .. field .. ':' .. values[i], series) end
  end
  redis.call('HDEL', keys.series, series)
  redis.call('HSET', keys.former, series, identity)
  redis.call('ZREM', keys.recent, series)
  redis.call('DEL', keys.moments .. series)
end

-- Check the series that have lost entries. Also uses the key former.
local function settle_removals(feed, thinned, watermark)
  local keys = feed.keys
  for series, w in pairs(thinned) do
    local last = redis.call('ZREVRANGE', w.key, 0, 0, 'WITHSCORES')
    if last[2] then
      redis.call('ZADD', keys.recent, last[2], series)
    elseif not has_days_before(keys.daily, series, watermark) then
      retire_series(keys, feed.shares.of_series[series], series)
    end
  end
end
