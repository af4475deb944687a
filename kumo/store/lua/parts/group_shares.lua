-- What a partition adds to the days of groups, gathered in a call and written once, with hints of what has changed.
-- include: daily_totals changes
-- What is before the fields of totals of usage, and of other costs: they are part of what a group cost, but not of what is
-- judged of it.
local USAGE, EXCLUDED = '', 'x'

-- Return totals by mark, to be filled by group and day.
local function open_group_shares() return {[USAGE] = {}, [EXCLUDED] = {}} end

-- Return the days of a name in a table, none yet if it is new.
local function days_of(totals, name)
  local days = totals[name]
  if not days then
    days = {}
    totals[name] = days
  end
  return days
end

-- Write the shares, and the hints. Uses the keys changed (sorted set) and shares (family); `today` and `number` as in parts/changes.lua.
local function store_groups(groups, keys, partitions, today, number)
  local changes = open_changes(today)
  for mark, totals in pairs(groups) do
    for id, days in pairs(totals) do note_changes(changes, id, add_to_days(keys.shares, id, mark, days)) end
  end
  leave_hints(changes, keys.changed, partitions, number)
end
