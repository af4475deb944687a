-- Record a run of entries of one partition, completely or not at all.
-- A script, because the window, its moments, the roll-ups and the feed must agree at every instant,
-- and because a repeated request must find its own answer.
--
-- KEYS  strings       seq, wake, moved, closed, retention
--       stream        pending
--       hashes        series, members, units, runs
--       sorted sets   recent, changed
--       families      details, entries, moments, external, daily, groups, shares, tagsets, with_, once
-- ARGV  window        entries in a window
--       wake_ms       how long the wake flag lives
--       once          digest of the request under its Idempotency-Key, or ""
--       once_seconds  how long the answer is stored
--       partitions    of the store
--       quiet_before  ms before which entries raise no alerts
--       series[id, identity, mark]
--                     identity is JSON (parts/feed.lua), mark "x" where detection leaves the series out, else ""
--       units[name, code]
--                     names in JSON
--       tagsets[]     as in parts/tag_sets.lua
--       values[id, dimension, names]
--                     the groups in these; names is JSON of the currency and the value
--       entries[series, timestamp, given, amount, external, tags, rest]
--                     series is a place in that list (from 1), timestamp in ms, given "1" if from the client, amount in
--                     micros, external the external id or "", tags a place among the tag sets, 0 for none, rest JSON of
--                     the rest or ""
-- Returns  {"ok", 1 if a judge must be woken else 0, per entry "<new|restated|duplicate> <seq> <timestamp> <arrival>"}
--          (arrival: once the cursor has reached it, the entry is judged; for a single entry whose series
--          is stored in another spelling, its JSON follows)
--          {"conflict", place of the entry (from 0), timestamp stored}, without any write, if an external id
--          has another timestamp
--          {"past", place of the entry, watermark in ms}, without any write, if an unknown entry is in a day
--          that the retention has reached
--          the error RESTORING, without any write, during a restore
-- include: blocks details feed watermark

local once = args.once ~= '' and keys.once .. args.once
if once then
  local answer = redis.call('GET', once)
  if answer then return {'ok', 0, unpack(cjson.decode(answer))} end
end

local details, watermark = open_details(keys, open_blocks(keys.moved)), read_watermark(keys.retention)
local function seq_of(e) return e.external ~= '' and redis.call('HGET', keys.external .. e.series, e.external) end

local known = {}
for i, e in ipairs(args.entries) do
  set_series(e, args.series[tonumber(e.series)])
  local seq = seq_of(e)
  if not seq and tonumber(e.timestamp) < watermark then return {'past', i - 1, string.format('%.0f', watermark)} end
  if e.external ~= '' then
    local name = e.series .. e.external
    local stamp = known[name] or (seq and time_of(details, e.series, seq))
    if stamp and e.given == '1' and stamp ~= e.timestamp then return {'conflict', i - 1, stamp} end
    known[name] = stamp or e.timestamp
  end
end

local feed = open_feed(keys, args, details)
if not feed then return CLOSED_NOW end

local function record_again(e, seq)
  local was = read_state(feed, e, seq)
  local timestamp = time_of(details, e.series, seq)
  if was.amount == e.amount then return string.format('duplicate %s %s %d', seq, timestamp, feed.head) end
  local rest = lasting_rest(was.rest) .. (string.match(e.rest, '\n.*$') or '')
  restate(feed, e, seq, timestamp, was, {amount = e.amount, rest = rest, tags = was.tags})
  return string.format('restated %s %s %d', seq, timestamp, feed.head)
end

local function record_new(e)
  add_entry(feed, e, args.tagsets)
  local first = #args.entries == 1 and redis.call('HGET', keys.series, e.series) or e.identity
  local other = first == e.identity and '' or ' ' .. first
  return string.format('new %d %s %d%s', feed.head, e.timestamp, feed.head, other)
end

local answers = {}
for i, e in ipairs(args.entries) do
  local seq = seq_of(e)
  answers[i] = seq and record_again(e, seq) or record_new(e)
end

local woken = close_feed(feed)
if once then redis.call('SET', once, cjson.encode(answers), 'EX', args.once_seconds) end
return {'ok', woken, unpack(answers)}
