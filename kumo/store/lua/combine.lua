-- Store the combined totals of groups in their home, and note which groups must be folded.
-- A script, because a total that is combined and not folded would be shown and never judged, and because a judge that
-- read older shares must not overwrite what a faster one has combined.
--
-- KEYS  string      version
--       sorted set  unfolded
--       family      daily
-- ARGV  version     the one before the shares were read
--       totals[group, day, judged, excluded]
--                   as parts/combined.lua takes them
--       changed[group, day]
--                   groups to fold, from a day since 1970 on
-- Returns  1; 0, without any write, if the version has moved
-- include: combined

if (redis.call('GET', keys.version) or '0') ~= args.version then return 0 end
for _, row in ipairs(args.totals) do set_combined(keys.daily, row.group, row.day, row.judged, row.excluded) end
for _, row in ipairs(args.changed) do redis.call('ZADD', keys.unfolded, 'LT', row.day, row.group) end
redis.call('INCR', keys.version)
return 1
