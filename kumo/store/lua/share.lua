-- Add all that series cost so far to the totals of their groups, once: series from before there were groups, or restored.
-- A script, because from then on what arrives in a series is added to its groups as well: no entry may come between.
--
-- KEYS  hashes      series, members
--       families    daily, groups, shares, changed
-- ARGV  last_block  of days
--       partitions  of the store
--       wanted[id, identity, mark]
--                   identity is JSON with the ids of the groups (parts/shares.lua), mark "x" where detection leaves the
--                   series out, else ""
-- Returns  how many series were shared
-- include: shares

-- No arrival gives these hints a number; the clock does, below all others, and hints of such old days name blocks.
local NO_DAY = math.huge
local time = redis.call('TIME')
local score = string.format('-%d%06d', time[1], time[2])

local shares, done = open_shares(keys, args.partitions), 0
for _, one in ipairs(args.wanted) do
  local stored = redis.call('HGET', keys.series, one.id)
  if stored and not cjson.decode(stored)[3] then
    redis.call('HSET', keys.series, one.id, one.identity)
    name_groups(shares, one.identity)
    for block = 0, tonumber(args.last_block) do
      local days = redis.call('HGETALL', keys.daily .. one.id .. ':' .. block)
      for at = 1, #days, 2 do
        local n, high, low = string.match(days[at + 1], '(%S+) (%S+) (%S+)')
        add_to_shares(shares, one.id, one.mark, block * DAYS + days[at], tonumber(n), tonumber(high), tonumber(low))
      end
    end
    done = done + 1
  end
end
store_shares(shares, NO_DAY, score)
return done
