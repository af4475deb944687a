-- Add all that series cost so far to the totals of their groups, once: series from before there were groups, or restored.
-- A script, because from then on what arrives in a series is added to its groups as well: no entry may come between.
--
-- KEYS  hashes      series, members
--       sorted set  changed
--       families    daily, groups, shares
-- ARGV  last_block  of days
--       partitions  of the store
--       wanted[id, identity, mark]
--                   identity is JSON with the ids of the groups (parts/members.lua), mark "x" where detection leaves the
--                   series out, else ""
-- Returns  how many series were shared
-- include: group_shares members

local groups, done = open_group_shares(), 0
for _, one in ipairs(args.wanted) do
  local stored = redis.call('HGET', keys.series, one.id)
  if stored and not cjson.decode(stored)[3] then
    redis.call('HSET', keys.series, one.id, one.identity)
    enter_groups(keys, one.identity)
    local totals = groups[one.mark]
    for block = 0, tonumber(args.last_block) do
      local days = redis.call('HGETALL', keys.daily .. one.id .. ':' .. block)
      for _, id in ipairs(cjson.decode(one.identity)[3]) do
        for at = 1, #days, 2 do
          add_total(total_of(days_of(totals, id), block * DAYS + days[at]), read_total(days[at + 1]))
        end
      end
    end
    done = done + 1
  end
end
store_groups(groups, keys, tonumber(args.partitions), math.huge, number_by_clock()) -- hints of blocks
return done
