-- The combined totals of groups in their home (kumo.store.groups): the sums of the shares of all partitions.
local COMBINED_DAYS = 256

-- Set the total of a group on a day, of what is judged and of what is not; "" where there is none. `daily` is the family.
local function set_combined(daily, group, day, judged, excluded)
  local key, field = daily .. group .. ':' .. math.floor(day / COMBINED_DAYS), day % COMBINED_DAYS
  for name, total in pairs({[field] = judged, ['x' .. field] = excluded}) do
    if total == '' then redis.call('HDEL', key, name) else redis.call('HSET', key, name, total) end
  end
end
