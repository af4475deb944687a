-- Mark things whose totals must be folded again, because another of their days is over, or another detector judges them.
-- A script, because a judge that has read what waits must find that there is more, and because days that count as marked
-- must be.
--
-- KEYS  string      version
--       sorted set  unfolded
--       hash        rolled
-- ARGV  things[id, day]
--                   each with the day since 1970 from which it must be folded
--       rolled[name, value]
--                   what the marks are for
-- Returns  how many things are marked

for _, row in ipairs(args.things) do redis.call('ZADD', keys.unfolded, 'LT', row.day, row.id) end
for _, row in ipairs(args.rolled) do redis.call('HSET', keys.rolled, row.name, row.value) end
if #args.things > 0 then redis.call('INCR', keys.version) end
return #args.things
