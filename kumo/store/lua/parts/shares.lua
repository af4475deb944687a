-- The totals of series by day, and what a partition adds to those of groups: its share of each group's days. They are gathered
-- in a call and written once.
-- The groups of a series stand in its identity, as its third member; to which groups of tags an entry belongs, its tag set
-- says (parts/tag_sets.lua). A series without groups is not shared yet: all that it has is added at once by share.lua.
-- include: group_shares members tag_sets quantities details
-- How an identity ends that has groups: read without decoding it, since this is done for each series of a call. Names cannot
-- be taken for ids: a currency has three letters.
local ID = '"(' .. string.rep('[a-z2-7]', 16) .. ')"'
local IDS = ',%[' .. ID .. string.rep(',' .. ID, #DIMENSIONS - 1) .. '%]%]$'
-- Names of a series with a charge category, which is not judged.
local NAMES_OF_EXCLUDED = 6

-- Return what the functions here need: of the keys series, members and units (hashes), changed (sorted set), and daily, groups,
-- shares and tagsets (families); `partitions` is how many the store has.
local function open_shares(keys, partitions)
  return {keys = keys, partitions = tonumber(partitions), of_series = {}, groups = open_group_shares(), units = {},
          digests = {}}
end

-- Return what is known in this call of an entry's series: the ids of its groups (none while it is not shared), the totals of
-- groups that it adds to, its tag sets, its sums in this call by tag set and day, and its whole totals by day.
local function shares_of(shares, e)
  local of = shares.of_series[e.series]
  if of then return of end
  local identity = redis.call('HGET', shares.keys.series, e.series) or ''
  local excluded = e.mark
  if e.identity == '' and identity ~= '' then excluded = #cjson.decode(identity)[1] == NAMES_OF_EXCLUDED end
  local ids = {string.match(identity, IDS)}
  if #ids == 0 and identity ~= '' then ids = cjson.decode(identity)[3] or {} end -- a newer version may have added to it
  of = {ids = ids, totals = shares.groups[excluded and EXCLUDED or USAGE], sums = {}, days = {},
        tag_sets = open_tag_sets(shares.keys, e.series, shares.digests)}
  shares.of_series[e.series] = of
  return of
end

-- Add the parts of an entry that is split by values of tags to the groups of the values; each counts it once.
local function share_parts(of, day, state, sign)
  local parts = cjson.decode('[' .. lasting_rest(state.rest) .. ']')[1].p
  for place, ids in string.gmatch(state.tags, '(%d+)=(%S+)') do
    local split, at, known = parts[tonumber(place)], 3, {}
    for id in string.gmatch(ids, '[^,]+') do
      local high, low = billions(split[at])
      add_total(total_of(days_of(of.totals, id), day), {known[id] and 0 or sign, sign * high, sign * low})
      known[id], at = true, at + 2
    end
  end
end

-- Add an entry to the day of its timestamp, or take it out (sign -1). Its state is {amount, rest, tags}, the last its tag set.
-- Returns how many entries of the series the day has then.
local function share_entry(shares, e, timestamp, state, sign)
  local of, day = shares_of(shares, e), math.floor(timestamp / DAY_MS)
  local high, low = billions(state.amount)
  local change = {sign, sign * high, sign * low}
  add_quantity(shares, change, state.rest, sign)
  of.days[day] = of.days[day] or read_day(shares.keys.daily, e.series, day)
  add_total(of.days[day], change)
  add_total(total_of(days_of(of.sums, state.tags), day), change)
  if state.tags ~= '' then
    count_tag_set(of.tag_sets, state.tags, sign)
    if string.find(state.tags, '=', 1, true) then share_parts(of, day, state, sign) end
  end
  return of.days[day][1]
end

-- Add what the call adds to a series to the groups of its tag sets, and write the sets. `values` are those that the call names.
local function share_tag_sets(shares, of, values)
  for tags, days in pairs(of.sums) do
    for _, id in ipairs(read_whole_values(tags)) do
      for day, total in pairs(days) do add_total(total_of(days_of(of.totals, id), day), total) end
    end
  end
  store_tag_sets(shares.keys, of.tag_sets, of.ids[PROVIDER], values)
end

-- Return the sums of a series by day.
local function add_up(sums)
  local tags, all = next(sums)
  if next(sums, tags) == nil then return all or {} end
  all = {}
  for _, days in pairs(sums) do
    for day, total in pairs(days) do add_total(total_of(all, day), total) end
  end
  return all
end

-- Note the spellings of values of tags; costs without a tag have only one.
local function note_spellings(keys, values)
  for id, value in pairs(values) do
    local names = cjson.decode(value.names)
    if names[2] ~= '' then note_spelling(keys, value.dimension, id, names) end
  end
end

-- Write the totals of series and groups.
local function store_shares(shares, today, number, values)
  for series, of in pairs(shares.of_series) do
    local all = add_up(of.sums)
    for _, id in ipairs(of.ids) do
      local days = days_of(of.totals, id)
      for day, total in pairs(all) do add_total(total_of(days, day), total) end
    end
    write_days(shares.keys.daily, series, of.days)
    share_tag_sets(shares, of, values)
  end
  note_spellings(shares.keys, values)
  store_groups(shares.groups, shares.keys, shares.partitions, today, number)
end
