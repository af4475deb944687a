-- Give entries of a series other tag sets: entries that were restored, or that were recorded with other keys of tags.
-- A script, because from then on a restatement takes an entry out of the groups of its new set: an entry and the shares of
-- its groups must change together.
--
-- KEYS  strings   moved
--       hashes    series, members, units
--       sorted set  changed
--       families  details, entries, daily, groups, shares, tagsets
-- ARGV  partitions  of the store
--       series      its id
--       identity    as in record.lua
--       mark        as in record.lua
--       units[name, code]
--                   as in record.lua
--       tagsets[]   as in record.lua
--       values[id, dimension, names]
--                   as in record.lua
--       entries[seq, rest, tags]
--                   rest as it was read: an entry that has another by now is left out; tags a place among the tag sets
-- Returns  how many entries were changed
-- include: blocks details shares

local shares, details, values = open_shares(keys, args.partitions), open_details(keys, open_blocks(keys.moved)), {}
local e = {series = args.series, identity = args.identity, mark = args.mark == 'x' or nil}
local of, changed = shares_of(shares, e), 0
if #of.ids == 0 then return 0 end -- it is not shared yet
learn_units(shares, args.units)
for _, value in ipairs(args.values) do values[value.id] = value end

for _, entry in ipairs(args.entries) do
  local timestamp = time_of(details, e.series, entry.seq)
  local amount, rest, number = split_details(timestamp and read_details(details, e.series, entry.seq) or '0')
  local was, tags = read_tag_set(of.tag_sets, number), args.tagsets[tonumber(entry.tags)] or ''
  if timestamp and rest == entry.rest and was ~= tags then
    write_details(details, e.series, entry.seq, amount, rest, number_tag_set(of.tag_sets, tags))
    share_entry(shares, e, timestamp, {amount = amount, rest = rest, tags = was}, -1)
    share_entry(shares, e, timestamp, {amount = amount, rest = rest, tags = tags}, 1)
    changed = changed + 1
  end
end
share_tag_sets(shares, of, values)
store_groups(shares.groups, keys, shares.partitions, math.huge, number_by_clock()) -- hints of blocks
return changed
