-- Compute a partition's share of the totals of groups again from the totals of its series, correct what differs, and hint at
-- all of them, so that they are combined again. Groups of tags keep their shares: these depend on single entries.
-- A script, because no entry may come between its reading and the correction.
--
-- KEYS  string      retention
--       hashes      series, members
--       sorted set  changed
--       families    daily, groups, shares
-- ARGV  first       day since 1970; days before the retention's watermark keep their shares
--       last        day in the same block, included
--       partitions  of the store
-- Returns  for each wrong share: group, day, share before, share now; a share is text as in parts/daily_totals.lua, "" if
--          there is none; costs that are no usage come with an "x" before the day
-- include: group_shares members

local CATEGORY = 6 -- the place among the names of a series that only costs have that are no usage
local since = tonumber(redis.call('GET', keys.retention) or '0') / DAY_MS
local first, last = math.max(since, args.first), tonumber(args.last)
local found, sums, wrong, ids = {}, open_group_shares(), open_group_shares(), {}
if first > last then return found end

local block, days = math.floor(first / DAYS), {}
for day = first, last do days[#days + 1] = day end

-- Return the fields of the days in a hash, `mark` before each.
local function name_fields(mark)
  local fields = {}
  for i, day in ipairs(days) do fields[i] = mark .. day % DAYS end
  return fields
end

local series = redis.call('HGETALL', keys.series)
for at = 1, #series, 2 do
  local names, _, of = unpack(cjson.decode(series[at + 1]))
  local totals = sums[names[CATEGORY] and EXCLUDED or USAGE]
  for i, text in ipairs(of and redis.call('HMGET', keys.daily .. series[at] .. ':' .. block, unpack(name_fields(''))) or {}) do
    for _, id in ipairs(text and of or {}) do add_total(total_of(days_of(totals, id), days[i]), read_total(text)) end
  end
  for _, id in ipairs(of or {}) do ids[id] = true end
end
for _, dimension in ipairs(DIMENSIONS) do
  for _, id in ipairs(redis.call('HKEYS', keys.groups .. dimension)) do ids[id] = true end
end

local changes = open_changes(math.huge) -- hints name the block
local function compare(id, mark, day, before)
  local sum, change = days_of(sums[mark], id)[day] or {0, 0, 0}, {0, 0, 0}
  if before or sum[1] > 0 then note_changes(changes, id, {[block] = {[day] = true}}) end
  add_total(change, sum)
  if before then
    local stored = read_total(before)
    for at = 1, #stored do stored[at] = -stored[at] end
    add_total(change, stored)
  end
  if not settle_total(change) then return end
  days_of(wrong[mark], id)[day] = change
  settle_total(sum)
  local now = sum[1] == 0 and '' or write_total(sum)
  for _, each in ipairs({id, mark .. string.format('%d', day), before or '', now}) do found[#found + 1] = each end
end

for id in pairs(ids) do
  for mark in pairs(sums) do
    local stored = redis.call('HMGET', keys.shares .. id .. ':' .. block, unpack(name_fields(mark)))
    for i, before in ipairs(stored) do compare(id, mark, days[i], before) end
  end
end
leave_hints(changes, keys.changed, tonumber(args.partitions), number_by_clock())
store_groups(wrong, keys, tonumber(args.partitions), math.huge, number_by_clock())
return found
