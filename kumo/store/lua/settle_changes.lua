-- Remove hints of changed groups whose shares are combined.
-- A script, because a share may change after it was read: a hint that has another score by then must stay.
--
-- KEYS  sorted set  changed
-- ARGV  hints[name, score]
--                   score is the one that was read before the shares were
-- Returns  how many hints were removed

local done = {}
for _, hint in ipairs(args.hints) do
  if redis.call('ZSCORE', keys.changed, hint.name) == hint.score then done[#done + 1] = hint.name end
end
if #done > 0 then redis.call('ZREM', keys.changed, unpack(done)) end
return #done
