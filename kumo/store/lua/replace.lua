-- Write the entries of some scopes in one partition under the claim of an import: record, restate, or remove each.
-- A script, because an entry and its place in its scope's index must exist together, because window,
-- moments, roll-ups and feed must agree at every instant, and because another import may claim the scope meanwhile.
--
-- KEYS  strings       seq, wake, moved, closed, retention
--       stream        pending
--       hashes        series, members, units, runs, scopes, former
--       sorted sets   recent, changed
--       families      details, entries, moments, external, daily, groups, shares, tagsets, with_, scope
-- ARGV  window        entries in a window
--       wake_ms       how long the wake flag lives
--       partitions    of the store
--       quiet_before  ms before which entries raise no alerts
--       number        of the import
--       scopes[]
--       series[id, identity, mark]
--                     identity is JSON (parts/feed.lua), or "" where entries are only removed; mark "x" where
--                     the series is never judged, else ""
--       units[name, code]
--                     names in JSON
--       tagsets[]     as in parts/tag_sets.lua
--       values[id, dimension, names]
--                     the groups in these; names is JSON of the currency and the value
--       entries[scope, series, timestamp, amount, tags, rest]
--                     scope, series and tags are places in those lists (from 1), tags 0 for none, timestamp in ms,
--                     amount in micros, or "" to remove it, rest JSON of the rest; days that the retention has reached do
--                     not change
-- Returns  {"ok", 1 if a judge must be woken else 0, last arrival}
--          {"overtaken", number that holds the claim}, without any write, if it is not the caller's
--          the error RESTORING, without any write, during a restore
-- include: blocks details feed watermark remove_entries

for _, scope in ipairs(args.scopes) do
  local holder = redis.call('HGET', keys.scopes, scope) or '0'
  if holder ~= args.number then return {'overtaken', tonumber(holder)} end
end

local details, watermark = open_details(keys, open_blocks(keys.moved)), read_watermark(keys.retention)
local feed = open_feed(keys, args, details, true)
if not feed then return CLOSED_NOW end

-- A place in a scope's index: arrival number, import that wrote it last, import that changed it last; and `more`, items
-- of a newer version.
local function put(place_of, seq, changer, more)
  redis.call('HSET', place_of.key, place_of.field, string.format('%d %s %s%s', seq, args.number, changer, more))
end

local function write_entry(e, place_of, seq, changer, more)
  if not seq then
    add_entry(feed, e, args.tagsets)
    return put(place_of, feed.head, args.number, '')
  end
  local was, is = read_state(feed, e, seq), state_of(feed, e, args.tagsets)
  if was.amount ~= is.amount then
    restate(feed, e, seq, e.timestamp, was, is)
    changer = args.number
  elseif was.rest ~= is.rest or was.tags ~= is.tags then
    restate_rest(feed, e, seq, was, is)
  end
  put(place_of, seq, changer, more)
end

local thinned = {}
for _, e in ipairs(args.entries) do
  local scope = args.scopes[tonumber(e.scope)]
  set_series(e, args.series[tonumber(e.series)])
  e.external = 'bill:' .. scope .. ':' .. e.timestamp
  local place_of = {key = keys.scope .. scope, field = e.series .. ':' .. e.timestamp}
  local held = redis.call('HGET', place_of.key, place_of.field) or ''
  local seq, _, changer, more = string.match(held, '^(%d+) (%d+) (%d+)(.*)$')
  if tonumber(e.timestamp) >= watermark then
    if e.amount ~= '' then
      write_entry(e, place_of, seq, changer, more)
    elseif seq then
      remove_entry(feed, e, seq, thinned)
      redis.call('HDEL', place_of.key, place_of.field)
    end
  end
end

local woken = close_feed(feed)
settle_removals(feed, thinned, watermark)
return {'ok', woken, feed.head}
