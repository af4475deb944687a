-- Remove hints of changed groups, of one home in one partition, whose shares are combined.
-- A script, because a share may change after it was read: a hint that has another score by then must stay.
--
-- KEYS  families  changed
-- ARGV  home      number of the partition where the groups are combined
--       hints[name, score]
--                 score is the one that was read before the shares were
-- Returns  how many hints were removed

local key, done = keys.changed .. args.home, {}
for _, hint in ipairs(args.hints) do
  if redis.call('ZSCORE', key, hint.name) == hint.score then done[#done + 1] = hint.name end
end
if #done > 0 then redis.call('ZREM', key, unpack(done)) end
return #done
