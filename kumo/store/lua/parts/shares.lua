-- What a partition adds to the totals of groups: its share of each group's days, gathered in a call and written once.
-- The groups of a series stand in its identity, as its third member. A series without them is not shared yet: all that it
-- has is added at once by share.lua, which writes them there.
-- include: daily_totals changes
local DIMENSIONS = {'all', 'provider', 'account', 'service', 'region', 'account,service'}
local NAMES_OF = {{}, {1}, {2}, {4}, {3}, {2, 4}}
local CURRENCY = 5
-- The place of the provider's group among those of a series.
local PROVIDER = 2
-- How an identity ends that has groups: read without decoding it, since this is done for each series of a call. Names cannot
-- be taken for ids: a currency has three letters.
local ID = '"(' .. string.rep('[a-z2-7]', 16) .. ')"'
local IDS = ',%[' .. ID .. string.rep(',' .. ID, #DIMENSIONS - 1) .. '%]%]$'

-- Return what the functions here need: of the keys series and members (hashes), and groups, shares and changed (families);
-- `partitions` is how many the store has.
local function open_shares(keys, partitions)
  return {series = keys.series, members = keys.members, groups = keys.groups, family = keys.shares, changed = keys.changed,
          partitions = tonumber(partitions), of_series = {}, usage = {}, others = {}}
end

-- Return the ids of the groups of a series, none where it is not shared yet.
local function groups_of(shares, series)
  local ids = shares.of_series[series]
  if not ids then
    ids = {string.match(redis.call('HGET', shares.series, series) or '', IDS)}
    shares.of_series[series] = ids
  end
  return ids
end

-- Whether a list of names comes before another of the same length, in the order of code points: that of bytes in UTF-8.
-- Lua's own comparison goes by the locale of the server.
local function precedes(names, others)
  for i, name in ipairs(names) do
    for at = 1, math.max(#name, #others[i]) do
      local one, other = string.byte(name, at) or -1, string.byte(others[i], at) or -1
      if one ~= other then return one < other end
    end
  end
  return false
end

-- Note the groups of a series that is new, with their names. Of several spellings the first by code points is kept.
local function name_groups(shares, identity)
  local names, _, ids = unpack(cjson.decode(identity))
  for i, id in ipairs(ids) do
    local known = {names[CURRENCY]}
    for _, place in ipairs(NAMES_OF[i]) do known[#known + 1] = names[place] end
    local key = shares.groups .. DIMENSIONS[i]
    local before = redis.call('HGET', key, id)
    if not before or precedes(known, cjson.decode(before)) then redis.call('HSET', key, id, cjson.encode(known)) end
    redis.call('HINCRBY', shares.members, id, 1)
    redis.call('HINCRBY', shares.members, id .. ' ' .. ids[PROVIDER], 1)
  end
end

-- Count a series less in a field of members; returns whether it was the last one.
local function leave(shares, field)
  return redis.call('HINCRBY', shares.members, field, -1) == 0 and redis.call('HDEL', shares.members, field)
end

-- Take a series out of its groups; one without series here is no group of this partition any more.
local function leave_groups(shares, series)
  local ids = groups_of(shares, series)
  for i, id in ipairs(ids) do
    if leave(shares, id) then redis.call('HDEL', shares.groups .. DIMENSIONS[i], id) end
    leave(shares, id .. ' ' .. ids[PROVIDER])
  end
end

-- Add to the shares of a day. `mark` is "x" where the costs are no usage: they are part of what a group cost, but not of what
-- is judged of it.
local function add_to_shares(shares, series, mark, day, entries, high, low)
  local totals = mark == 'x' and shares.others or shares.usage
  for _, id in ipairs(groups_of(shares, series)) do
    local days = totals[id]
    if not days then
      days = {}
      totals[id] = days
    end
    local total = days[day]
    if total then
      total[1], total[2], total[3] = total[1] + entries, total[2] + high, total[3] + low
    else
      days[day] = {entries, high, low}
    end
  end
end

-- Add entries and an amount (taken `sign` times) of an entry `e` to the day of its timestamp.
local function share_amount(shares, e, timestamp, entries, amount, sign)
  local high, low = billions(amount)
  add_to_shares(shares, e.series, e.mark and 'x' or '', math.floor(timestamp / DAY_MS), entries, sign * high, sign * low)
end

local function store_totals(changes, family, totals, mark)
  for id, days in pairs(totals) do
    for day, total in pairs(days) do
      if total[1] ~= 0 or total[2] ~= 0 or total[3] ~= 0 then
        local block = math.floor(day / DAYS)
        add_to_total(family .. id .. ':' .. block, mark .. day % DAYS, unpack(total))
        note_change(changes, id, day, block)
      end
    end
  end
end

-- Write the shares, and hints of what has changed; `today` and `score` as in parts/changes.lua.
local function store_shares(shares, today, score)
  local changes = open_changes(today)
  store_totals(changes, shares.family, shares.usage, '')
  store_totals(changes, shares.family, shares.others, 'x')
  leave_hints(changes, shares.changed, shares.partitions, score)
end
