-- Numbering arrivals, storing them and adding them to the feed.
-- include: details window shares runs clock
local INDEXED = {'provider', 'account', 'region', 'service', 'currency', 'charge_category'}
local CLOSED_NOW = redis.error_reply('RESTORING A restore fills the store: nothing is recorded until it ends.')

-- Start to number arrivals; nil if nothing may arrive now. Uses the keys seq, closed, pending, wake, series, recent, runs,
-- changed, members, units, the families with_, external, daily, groups, shares, tagsets, entries, moments, and the arguments
-- window, wake_ms, partitions, units, values, and quiet_before, the ms before which entries raise no alerts. `imported`: the
-- entries are those of bills.
local function open_feed(keys, args, details, imported)
  if redis.call('EXISTS', keys.closed) == 1 then return nil end
  local head = tonumber(redis.call('GET', keys.seq) or '0')
  local shares, values = open_shares(keys, args.partitions), {}
  learn_units(shares, args.units)
  for _, value in ipairs(args.values) do values[value.id] = value end
  return {keys = keys, head = head, first = head, arrived = now(), details = details, newest = {},
          windows = open_windows(keys, args.window), shares = shares, values = values, wake_ms = args.wake_ms,
          runs = open_runs(keys.runs), imported = imported, quiet_before = tonumber(args.quiet_before)}
end

-- Set what a call says of an entry's series: its id, its identity, and whether the series is never judged ("x").
local function set_series(e, series)
  e.series, e.identity, e.mark = series.id, series.identity, series.mark == 'x' and ' x' or nil
end

-- Return the state that a call gives an entry, with the tag set at a place in a list. A series that is not shared has none.
local function state_of(feed, e, tagsets)
  local tags = #shares_of(feed.shares, e).ids > 0 and tagsets[tonumber(e.tags)] or ''
  return {amount = e.amount, rest = e.rest, tags = tags}
end

-- Return the state of a known entry.
local function read_state(feed, e, seq)
  local amount, rest, number = split_details(read_details(feed.details, e.series, seq))
  return {amount = amount, rest = rest, tags = read_tag_set(shares_of(feed.shares, e).tag_sets, number)}
end

local function write_state(feed, e, seq, state)
  local number = number_tag_set(shares_of(feed.shares, e).tag_sets, state.tags)
  write_details(feed.details, e.series, seq, state.amount, state.rest, number)
end

-- Add the next arrival to the feed. Marks: " x" its series is never judged, " r" it was removed, " q" it
-- is too old for an alert, " w" it changes no amount. `single`: it is judged by the total of its day.
local function arrive(feed, e, entry_seq, timestamp, amount, w, mark, single)
  feed.head = feed.head + 1
  mark = e.mark or mark or (tonumber(timestamp) < feed.quiet_before and ' q' or '')
  local row = string.format('%s %d %s %s %s%s', e.series, entry_seq, timestamp, amount, snapshot(w), mark)
  local words = {'r', row, 't', feed.arrived}
  if feed.imported then words[5], words[6] = 'i', 1 end
  if single then words[#words + 1], words[#words + 2] = 's', 1 end
  redis.call('XADD', feed.keys.pending, string.format('%d-0', feed.head), unpack(words))
end

-- An identity is JSON of a series' names as spelled and as compared, and the ids of its groups: the index has the names
-- as compared, and the series keeps its first spelling.
local function index(feed, e)
  local keys = feed.keys
  if redis.call('HSETNX', keys.series, e.series, e.identity) == 0 then return end
  enter_groups(keys, e.identity)
  for i, value in ipairs(cjson.decode(e.identity)[2]) do
    redis.call('SADD', keys.with_ .. INDEXED[i] .. ':' .. value, e.series)
  end
end

local function add_entry(feed, e, tagsets)
  local w, keys, seq = window(feed.windows, e.series), feed.keys, feed.head + 1
  if w.entries == 0 then index(feed, e) end
  local state = state_of(feed, e, tagsets)
  local entries = share_entry(feed.shares, e, e.timestamp, state, 1)
  arrive(feed, e, seq, e.timestamp, e.amount, w, nil, is_single(feed.runs, e.series, entries))
  count_run(feed.runs, e.series, entries)
  write_state(feed, e, seq, state)
  enter_window(w, e.timestamp, member(seq, e.amount))
  if e.external ~= '' then redis.call('HSET', keys.external .. e.series, e.external, string.format('%d', seq)) end
  feed.newest[e.series] = math.max(feed.newest[e.series] or 0, e.timestamp)
end

-- Give a known entry another amount everywhere; it is judged again, against the window without it.
local function restate(feed, e, seq, timestamp, was, is)
  local w = window(feed.windows, e.series)
  local within = is_inside(w, member(seq, was.amount))
  if within then weigh(w, was.amount, -1) end
  share_entry(feed.shares, e, timestamp, was, -1)
  local entries = share_entry(feed.shares, e, timestamp, is, 1)
  arrive(feed, e, seq, timestamp, is.amount, w, nil, is_single(feed.runs, e.series, entries))
  write_state(feed, e, seq, is)
  redis.call('ZREM', w.key, member(seq, was.amount))
  redis.call('ZADD', w.key, timestamp, member(seq, is.amount))
  if within then weigh(w, is.amount, 1) end
end

-- Give a known entry another rest or tag set. The judge skips it, but cached answers become invalid.
local function restate_rest(feed, e, seq, was, is)
  arrive(feed, e, seq, e.timestamp, is.amount, window(feed.windows, e.series), ' w')
  write_state(feed, e, seq, is)
  share_entry(feed.shares, e, e.timestamp, was, -1)
  share_entry(feed.shares, e, e.timestamp, is, 1)
end

-- Write the collected changes; returns 1 if a judge must be woken, else 0.
local function close_feed(feed)
  local keys = feed.keys
  store_runs(feed.runs)
  store_windows(feed.windows)
  store_shares(feed.shares, math.floor(feed.arrived / DAY_MS), feed.head, feed.values)
  for series, timestamp in pairs(feed.newest) do redis.call('ZADD', keys.recent, 'GT', timestamp, series) end
  if feed.head == feed.first then return 0 end
  redis.call('SET', keys.seq, string.format('%d', feed.head))
  return redis.call('SET', keys.wake, '1', 'NX', 'PX', feed.wake_ms) and 1 or 0
end
